import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { app, Menu } from 'electron';
import type { Launch } from '../app/launch/launch.ts';
import { hiddenFlag } from '../app/launch/launch.ts';
import { Desk } from './desk.ts';
import { startProcessesByElectron } from './system/processes.ts';
import { registerPageScheme } from './windows/protocol.ts';
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
  app.setAppUserModelId('ai.trinity.backup');
  registerPageScheme();
  secureContents();
  // A window is not the application: backups go on without one.
  app.on('window-all-closed', () => undefined);
  void run(launch);
}

async function run({ homeFolder, isHidden, isSmoke }: ApplicationLaunch): Promise<void> {
  await app.whenReady();
  secureSessions();
  startProcessesByElectron(homeFolder);
  // Pages have keys and buttons of their own; on macOS the system's menu stays.
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
  const desk = await Desk.open(homeFolder);
  // The launcher was clicked again: without a tray that is the way back in. A start at login opens nothing.
  app.on('second-instance', (_event, argv) => void (argv.includes(hiddenFlag) || desk.open()));
  app.on('activate', () => desk.open());
  if (!isHidden) desk.open();
  await desk.start();
  if (isSmoke) app.quit();
}
