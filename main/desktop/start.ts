import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { app, dialog, Menu } from 'electron';
import { messageOf } from '../../shared/lib/app-error.ts';
import type { Launch } from '../app/launch/launch.ts';
import { hiddenFlag } from '../app/launch/launch.ts';
import { Desk } from './desk.ts';
import { wasStartedAtLogin } from './system/login-item.ts';
import { startProcessesByElectron } from './system/processes.ts';
import { tell } from './windows/dialogs.ts';
import { registerPageScheme } from './windows/protocol.ts';
import { secureContents, secureSessions } from './windows/security.ts';

type ApplicationLaunch = Extract<Launch, { kind: 'application' }>;

/** Under these Windows shows notices, and takes up what was clicked; the first as build/package/config.ts names it. */
const windowsIds = {
  application: 'ai.trinity.backup',
  notices: '{6D0B1E0B-6F5B-4F43-9C1D-3B6A0E6C5A27}',
} as const;

/** The desktop application. What must be settled before Electron is ready is settled when this returns. */
export function startDesktop(launch: ApplicationLaunch): void {
  const profile = makeProfile(launch.homeFolder);
  if (profile === undefined) {
    app.exit(1);
    return;
  }
  app.setPath('userData', profile);
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  app.enableSandbox();
  if (process.platform === 'win32') {
    app.setAppUserModelId(windowsIds.application);
    app.setToastActivatorCLSID(windowsIds.notices);
  }
  registerPageScheme();
  secureContents();
  // A window is not the application: backups go on without one.
  app.on('window-all-closed', () => undefined);
  void run(launch);
}

/** Profile and single instance belong to the home: another home is another application. Undefined where it cannot be made, which was said. */
function makeProfile(homeFolder: string): string | undefined {
  const profile = path.join(homeFolder, 'desktop');
  try {
    mkdirSync(profile, { recursive: true, mode: 0o700 });
    return profile;
  } catch (error) {
    const problem = `The home folder ${homeFolder} cannot be used (${messageOf(error)}): choose another with --home.`;
    dialog.showErrorBox('Trinity Backup cannot start.', problem);
    return undefined;
  }
}

/** What cannot start is said, and ended: nobody would see the process that is left, and the next start would find it there. */
async function run(launch: ApplicationLaunch): Promise<void> {
  try {
    await open(launch);
  } catch (error) {
    if (launch.isSmoke) process.stderr.write(`${messageOf(error)}\n`);
    else await tell('Trinity Backup cannot start.', messageOf(error));
    app.exit(1);
  }
}

async function open({ homeFolder, isHidden, isSmoke }: ApplicationLaunch): Promise<void> {
  await app.whenReady();
  secureSessions();
  startProcessesByElectron(homeFolder);
  Menu.setApplicationMenu(applicationMenu());
  const desk = await Desk.open(homeFolder);
  // The launcher was clicked again: without a tray that is the way back in. A start at login opens nothing.
  app.on('second-instance', (_event, argv) => void (argv.includes(hiddenFlag) || desk.open()));
  app.on('activate', () => desk.open());
  if (!isHidden && !wasStartedAtLogin()) desk.open();
  await desk.start();
  if (isSmoke) app.quit();
}

/** Pages have keys and buttons of their own; macOS looks for quitting, copying and closing in its menu. */
function applicationMenu(): Menu | null {
  if (process.platform !== 'darwin') return null;
  return Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]);
}
