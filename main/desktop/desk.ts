import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, shell } from 'electron';
import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import { type IconSystem, trayIconFile, windowIconFile } from '../../shared/lib/icon-files.ts';
import { Application } from '../app/application.ts';
import type { DesktopPort } from '../app/desktop-port.ts';
import { TrustedHost } from '../app/ipc/trusted-host.ts';
import { doDeed } from '../app/tray/do-deed.ts';
import { noticeCard } from '../app/tray/notice-card.ts';
import { TrayController, type TrayMenuPort } from '../app/tray/tray-controller.ts';
import { closingTray, startingTray, type TrayDeed } from '../app/tray/tray-model.ts';
import { keepWindowState } from '../app/windows/window-state.ts';
import { endOnWord } from './quit.ts';
import { systemKeychain } from './system/keychain.ts';
import { loginItem } from './system/login-item.ts';
import { holdAwake, watchPower } from './system/power.ts';
import { hasTray } from './system/tray-probe.ts';
import { Notices } from './tray/notifications.ts';
import { systemTray } from './tray/tray.ts';
import { chooseFile, chooseFolder, tell } from './windows/dialogs.ts';
import { joinPages } from './windows/ipc-host.ts';
import { MainWindow } from './windows/main-window.ts';
import { servePages } from './windows/protocol.ts';

const { platform } = process;
const iconSystem: IconSystem = platform === 'darwin' || platform === 'win32' ? platform : 'linux';

/** Everything of the desktop that people see, and the application behind it. */
export class Desk {
  readonly #homeFolder: string;
  readonly #starting = Promise.withResolvers<Application>();
  readonly #onDeed = (deed: TrayDeed): void => void this.#do(deed);
  readonly #notices = new Notices(
    this.#onDeed,
    (problem) => void this.#warn('tray', { problem }, 'notice not shown'),
  );
  readonly #window: MainWindow;
  readonly #tray: TrayMenuPort;
  #application: Application | undefined;
  #controller: TrayController | undefined;
  #isEnding = false;

  private constructor(homeFolder: string) {
    this.#homeFolder = homeFolder;
    const stateFile = path.join(homeFolder, 'window.json');
    this.#window = new MainWindow({
      preloadFile: besideUs('preload.cjs'),
      iconFile: besideUs(windowIconFile(iconSystem)),
      stateFile,
      remember: async (state) => await keepWindowState(stateFile, state),
    });
    this.#tray = systemTray({
      iconFile: (shape) => besideUs(trayIconFile(shape, iconSystem)),
      onDeed: this.#onDeed,
    });
  }

  /** Serves the pages and shows the tray; calls of pages wait until the engine answers. */
  static async open(homeFolder: string): Promise<Desk> {
    await servePages(besideUs('renderer'));
    const desk = new Desk(homeFolder);
    const engine = desk.#starting.promise;
    joinPages(
      new TrustedHost({
        engine,
        isOurs: (contentsId) => desk.#window.isOurs(contentsId),
        onRefused: (reason) => void desk.#warn('pages', { reason }, 'refused'),
      }),
    );
    desk.#tray.show(startingTray());
    return desk;
  }

  /** The window, in front; none any more when the application ends, since nobody would answer its page: that is said. */
  open(address?: string): void {
    if (this.#isEnding) void tell('Trinity Backup is closing.', 'Open it again in a minute.');
    else void this.#openWindow(address);
  }

  /**
   * Resolves when the engine runs. Interrupted runs are put in order before, which tray and pages say meanwhile. Rejects where it cannot.
   */
  async start(): Promise<void> {
    const ending = endOnWord({ application: () => this.#application, begin: async () => await this.#end() });
    watchPower({
      sleeping: () => this.#application?.power.sleeping(),
      wake: () => this.#application?.power.wake(),
      sessionEnding: ending.now,
    });
    const application = await this.#openApplication();
    this.#application = application;
    if (!this.#isEnding) this.#controller = new TrayController(application, this.#tray);
    this.#starting.resolve(application);
    await application.ready;
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    await this.#controller?.[Symbol.asyncDispose]();
    this.#tray.show(closingTray);
    await this.#window.close();
  }

  /** For the log, once there is one. */
  async #warn(part: string, fields: Readonly<Record<string, string>>, message: string): Promise<void> {
    const { engine } = await this.#starting.promise;
    engine.log.of(part).warn(fields, message);
  }

  async #openWindow(address: string | undefined): Promise<void> {
    try {
      await this.#window.open(address);
    } catch (error) {
      await tell('The window cannot be opened.', messageOf(error));
    }
  }

  async #openApplication(): Promise<Application> {
    return await Application.open({
      homeFolder: this.#homeFolder,
      passphrase: undefined,
      signal: new AbortController().signal,
      onNotice: (message) => this.#onNotice(message),
      tray: {
        show: (notice) => this.#notices.show(noticeCard(notice)),
        withdraw: (key) => this.#notices.withdraw(key),
      },
      holdAwake,
      desktop: desktopPort(this.#homeFolder),
      keychain: systemKeychain(),
    });
  }

  /** Before the engine runs it says what holds it up; what was put right later stands in the log and in the history. */
  #onNotice(message: string): void {
    if (this.#application === undefined && !this.#isEnding) this.#tray.show(startingTray(message));
  }

  async #do(deed: TrayDeed): Promise<void> {
    // These need no engine.
    if (deed.do === 'open') {
      this.open(deed.address);
      return;
    }
    if (deed.do === 'quit') {
      app.quit();
      return;
    }
    try {
      await doDeed(deed, {
        application: await this.#starting.promise,
        open: (address) => this.open(address),
      });
    } catch (error) {
      await tell('That did not work.', messageOf(error));
    }
  }
}

function desktopPort(homeFolder: string): DesktopPort {
  return {
    ...loginItem(homeFolder),
    chooseFolder,
    chooseFile,
    hasTray,
    openFolder: async (folder) => {
      const problem = await shell.openPath(folder);
      if (problem !== '') throw new AppError('failed', `${folder} cannot be opened: ${problem}`);
    },
  };
}

/** A file of the build, or of the package that was made of it. */
function besideUs(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
