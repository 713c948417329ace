import { isOwnPage } from './own-page.ts';

/** What a page asks the window for, as Electron names it. */
export type PermissionAsked = Readonly<{ permission: string; requestingUrl: string; isMainFrame: boolean }>;

/** Pages may put text where people paste it from, which *Copy* does, and nothing else beside their calls. */
export function isGranted({ permission, requestingUrl, isMainFrame }: PermissionAsked): boolean {
  return permission === 'clipboard-sanitized-write' && isMainFrame && isOwnPage(requestingUrl);
}
