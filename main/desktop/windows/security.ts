import { app, session, type WebContents } from 'electron';
import { isOwnPage } from '../../app/pages/own-page.ts';

/** What pages may do beside their calls: nothing. To be called once ready, before there is a window. */
export function secureSessions(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
}

/** Holds for whatever contents there will ever be. */
export function secureContents(): void {
  app.on('web-contents-created', (_event, contents) => secureOne(contents));
}

function secureOne(contents: WebContents): void {
  const stay = (event: Readonly<{ preventDefault: () => void; url: string }>): void => {
    if (!isOwnPage(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
