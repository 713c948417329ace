import { BrowserWindow, screen, type WebPreferences } from 'electron';
import { hasCode } from '../../../shared/lib/app-error.ts';
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
  remember: (state: WindowState) => Promise<void>;
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
    // Where it is already it stays: loaded anew, the page would lose what somebody has begun on it.
    if (address !== undefined && window.webContents.getURL() !== addressOf(address))
      await load(window, address);
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Closes it before the application ends: what is left of the engine answers no page. */
  async close(): Promise<void> {
    const window = this.#window;
    if (window === undefined) return;
    const state = stateOf(window);
    window.destroy();
    await this.#parts.remember(state);
  }

  async #make(address = ''): Promise<void> {
    const { preloadFile, iconFile, stateFile, remember } = this.#parts;
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
    window.once('ready-to-show', () => {
      // It shows the window too: before there is a page, that would be a white one.
      if (saved?.isMaximized === true) window.maximize();
      window.show();
    });
    window.on('close', () => void remember(stateOf(window)));
    window.on('closed', () => (this.#window = undefined));
    // What is left is blank: the next look begins with a new one.
    window.webContents.on('render-process-gone', () => window.destroy());
    await load(window, address);
  }
}

const addressOf = (address: string): string => `${pageOrigin}/${address}`;

function stateOf(window: BrowserWindow): WindowState {
  return { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
}

/** Rejects where the page cannot be shown, but not where nobody waits for it any more. */
async function load(window: BrowserWindow, address: string): Promise<void> {
  try {
    await window.loadURL(addressOf(address));
  } catch (error) {
    // It was closed meanwhile, or somebody went on to another page before this one had loaded.
    if (!window.isDestroyed() && !hasCode(error, 'ERR_ABORTED')) throw error;
  }
}
