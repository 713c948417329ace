import { app, session, type WebContents } from 'electron';
import { isOwnPage } from '../../app/pages/own-page.ts';
import { isGranted } from '../../app/pages/page-permissions.ts';

/** What pages may do beside their calls. To be called once ready, before there is a window. */
export function secureSessions(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler(
    (_contents, permission, answer, { requestingUrl, isMainFrame }) =>
      answer(isGranted({ permission, requestingUrl, isMainFrame })),
  );
  defaultSession.setPermissionCheckHandler((_contents, permission, _origin, { requestingUrl, isMainFrame }) =>
    isGranted({ permission, requestingUrl: requestingUrl ?? '', isMainFrame }),
  );
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
