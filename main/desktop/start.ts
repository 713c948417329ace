import path from 'node:path';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { app, dialog } from 'electron';
import { messageOf } from '../../shared/lib/app-error.ts';
import { Application } from '../app/application.ts';
import { TrustedHost } from '../app/ipc/trusted-host.ts';
import type { Launch } from '../app/launch/launch.ts';
import { writeWindowState } from '../app/windows/window-state.ts';
import { joinPages } from './windows/ipc-host.ts';
import { MainWindow } from './windows/main-window.ts';
import { registerPageScheme, servePages } from './windows/protocol.ts';
import { secureContents, secureSessions } from './windows/security.ts';

type ApplicationLaunch = Extract<Launch, { kind: 'application' }>;

/** The desktop application. What must be settled before Electron is ready is settled when this returns. */
export function startDesktop(launch: ApplicationLaunch): void {
  // Profile and single instance belong to the home: another home is another application.
  const profile = path.join(launch.homeFolder, 'desktop');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  app.setPath('userData', profile);
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  app.enableSandbox();
  registerPageScheme();
  secureContents();
  // A window is not the application: backups go on without one.
  app.on('window-all-closed', () => undefined);
  void run(launch);
}

async function run(launch: ApplicationLaunch): Promise<void> {
  await app.whenReady();
  try {
    secureSessions();
    await servePages(besideUs('renderer'));
    const starting = Application.start({
      homeFolder: launch.homeFolder,
      passphrase: undefined,
      signal: new AbortController().signal,
      onNotice: () => undefined,
    });
    const window = new MainWindow({
      preloadFile: besideUs('preload.cjs'),
      iconFile: besideUs('renderer/icon.svg'),
      stateFile: path.join(launch.homeFolder, 'window.json'),
      onClosed: (state) => void writeWindowState(path.join(launch.homeFolder, 'window.json'), state),
    });
    joinPages(
      new TrustedHost({
        engine: starting,
        isOurs: (id) => window.isOurs(id),
        onRefused: (reason) =>
          void starting.then(({ engine }) => engine.log.of('pages').warn({ reason }, 'refused')),
      }),
    );
    app.on('second-instance', () => void window.open());
    if (!launch.isHidden) void window.open();
    const application = await starting;
    app.on('will-quit', (event) => {
      event.preventDefault();
      void application.stop().finally(() => app.exit(0));
    });
  } catch (error) {
    dialog.showErrorBox('Trinity Backup cannot start', messageOf(error));
    app.exit(1);
  }
}

/** A file of the build, or of the package that was made of it. */
function besideUs(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
