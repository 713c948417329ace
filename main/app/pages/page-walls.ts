import { isOwnPage } from './own-page.ts';
import { isGranted } from './page-permissions.ts';

type Preventable = Readonly<{ preventDefault: () => void }>;
type Navigation = Preventable & Readonly<{ url: string }>;

/** What Electron's `WebContents` asks before a page goes anywhere, as far as it is used here. */
export interface WalledContents {
  /** A page wants its window elsewhere; not asked for what the application loads itself. */
  on(name: 'will-navigate', listener: (event: Navigation) => void): unknown;
  /** The server sends it on elsewhere, whoever began. */
  on(name: 'will-redirect', listener: (event: Navigation) => void): unknown;
  /** As the first, for frames within a page too. */
  on(name: 'will-frame-navigate', listener: (event: Navigation) => void): unknown;
  on(name: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void;
}

type Details = Readonly<{ requestingUrl: string; isMainFrame: boolean }>;
type CheckDetails = Readonly<{ requestingUrl?: string; isMainFrame: boolean }>;
type Answer = (isGranted: boolean) => void;

/** What Electron's `Session` asks before a page gets a permission. */
export interface WalledSession {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, answer: Answer, details: Details) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (contents: unknown, permission: string, origin: string, details: CheckDetails) => boolean,
  ): void;
  setDevicePermissionHandler(handler: () => boolean): void;
}

/** Keeps a page where it is: Electron lets it go and open whatever nobody refuses. */
export function wallContents(contents: WalledContents): void {
  const stay = (event: Navigation): void => {
    if (!isOwnPage(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** What pages may do beside their calls: Electron grants whatever nobody refuses. */
export function wallSession(session: WalledSession): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl, isMainFrame }) =>
    answer(isGranted({ permission, requestingUrl, isMainFrame })),
  );
  session.setPermissionCheckHandler((_contents, permission, _origin, { requestingUrl = '', isMainFrame }) =>
    isGranted({ permission, requestingUrl, isMainFrame }),
  );
  session.setDevicePermissionHandler(() => false);
}
