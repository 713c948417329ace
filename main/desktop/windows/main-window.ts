import { BrowserWindow, screen, type WebPreferences } from 'electron';
import { pageOrigin } from '../../app/pages/own-page.ts';
import {
  openingBounds,
  readWindowState,
  smallestSize,
  type WindowState,
} from '../../app/windows/window-state.ts';

export type MainWindowParts = Readonly<{
  preloadFile: string;
  iconFile: string;
  /** Remembers where the window was. */
  stateFile: string;
  onClosed: (state: WindowState) => void;
}>;

/** Written out, though most are the defaults: nothing of Node or of Electron reaches a page. */
function preferences(preload: string): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    spellcheck: false,
  };
}

/** The one window, made when it is asked for and gone when it is closed. */
export class MainWindow {
  readonly #parts: MainWindowParts;
  #window: BrowserWindow | undefined;
  /** Who asks while it is being made gets that one. */
  #making: Promise<void> | undefined;

  constructor(parts: MainWindowParts) {
    this.#parts = parts;
  }

  isOurs(contentsId: number): boolean {
    return this.#window?.webContents.id === contentsId;
  }

  /** In front, at a page where one is named (`#/restore`). */
  async open(address?: string): Promise<void> {
    await this.#making;
    const window = this.#window;
    if (window === undefined) {
      this.#making = this.#make(address).finally(() => (this.#making = undefined));
      await this.#making;
      return;
    }
    if (address !== undefined) await window.loadURL(`${pageOrigin}/${address}`);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  async #make(address = ''): Promise<void> {
    const { preloadFile, iconFile, stateFile, onClosed } = this.#parts;
    const saved = await readWindowState(stateFile);
    const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
    const window = new BrowserWindow({
      ...openingBounds(saved, screens),
      minWidth: smallestSize.width,
      minHeight: smallestSize.height,
      title: 'Trinity Backup',
      icon: iconFile,
      show: false,
      autoHideMenuBar: true,
      webPreferences: preferences(preloadFile),
    });
    this.#window = window;
    if (saved?.isMaximized === true) window.maximize();
    window.once('ready-to-show', () => window.show());
    window.on('close', () =>
      onClosed({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() }),
    );
    window.on('closed', () => (this.#window = undefined));
    // What is left is blank: the next look begins with a new one.
    window.webContents.on('render-process-gone', () => window.destroy());
    await window.loadURL(`${pageOrigin}/${address}`);
  }
}
