import { EventEmitter } from 'node:events';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { listen, say } from './channel.ts';

const ready = Promise.withResolvers<void>();

/** A `preventDefault` that is looked at. */
class StandInEvent {
  isPrevented = false;
  preventDefault(): void {
    this.isPrevented = true;
  }
}

/** Most of Electron cannot be used before, and says so. */
export function assertReady(what: string): void {
  if (!app.isReady()) throw new Error(`${what} cannot be used before the app is ready`);
}

/** And some of it not any more. */
export function assertNotReady(what: string): void {
  if (app.isReady()) throw new Error(`${what} can only be used before the app is ready`);
}

class App extends EventEmitter {
  readonly isPackaged = false;
  #paths = new Map<string, string>();
  #isQuitting = false;
  #isReady = false;

  whenReady = async (): Promise<void> => await ready.promise;
  enableSandbox = (): void => {
    assertNotReady('enableSandbox');
    say({ say: 'fact', name: 'isSandboxed', value: true });
  };
  disableHardwareAcceleration = (): void => assertNotReady('disableHardwareAcceleration');
  isReady = (): boolean => this.#isReady;
  getAppPath = (): string => process.env['TRINITY_STAND_IN_APP'] ?? process.cwd();
  getVersion = (): string => '0.0.0';
  setPath = (name: string, folder: string): void => void this.#paths.set(name, folder);
  getPath = (name: string): string => this.#paths.get(name) ?? process.cwd();

  /** As Electron's: true for the first of a profile; later ones reach that one with their command line. */
  requestSingleInstanceLock = (): boolean => {
    // The driver, which starts them all, knows.
    const isSecond = process.env['TRINITY_STAND_IN_SECOND'] === '1';
    return !isSecond;
  };

  becomeReady(): void {
    this.#isReady = true;
    this.emit('ready');
    ready.resolve();
  }

  quit = (): void => {
    if (this.#isQuitting) return;
    const before = new StandInEvent();
    this.emit('before-quit', before);
    if (before.isPrevented) return;
    this.#isQuitting = true;
    this.emit('window-all-closed');
    const will = new StandInEvent();
    this.emit('will-quit', will);
    if (will.isPrevented) {
      this.#isQuitting = false;
      return;
    }
    this.exit(0);
  };

  exit = (code = 0): void => process.exit(code);
}

export const app = new App();

listen((message) => {
  if (message.tell !== 'app event') return;
  if (message.name === 'before-quit') app.quit();
  else app.emit(message.name, new StandInEvent(), message.argv, process.cwd());
});
// After the entry has run to its end, as in Electron.
setImmediate(() => setImmediate(() => app.becomeReady()));

class PowerMonitor extends EventEmitter {}

export const powerMonitor = new PowerMonitor();

listen((message) => {
  if (message.tell !== 'power') return;
  powerMonitor.emit(message.name, new StandInEvent());
});

const blockers = new Set<number>();

export const powerSaveBlocker = {
  start: (type: string): number => {
    assertReady('powerSaveBlocker');
    const id = blockers.size + 1;
    blockers.add(id);
    say({ say: 'fact', name: 'awake', value: type });
    return id;
  },
  stop: (id: number): void => {
    blockers.delete(id);
    if (blockers.size === 0) say({ say: 'fact', name: 'awake', value: null });
  },
};

export const screen = {
  getAllDisplays: () => {
    assertReady('screen');
    return [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }];
  },
};

export const shell = {
  openPath: async (folder: string): Promise<string> => {
    say({ say: 'fact', name: 'openedPath', value: folder });
    return '';
  },
};

// A keyring that lasts as long as the profile does: the key stands in the environment of the test.
const ring = createHash('sha256')
  .update(process.env['TRINITY_STAND_IN_KEYRING'] ?? 'ring')
  .digest();

export const safeStorage = {
  isEncryptionAvailable: (): boolean => app.isReady() && process.env['TRINITY_STAND_IN_BACKEND'] !== 'none',
  getSelectedStorageBackend: (): string =>
    app.isReady() ? (process.env['TRINITY_STAND_IN_BACKEND'] ?? 'gnome_libsecret') : 'unknown',
  encryptString: (text: string): Buffer => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', ring, iv);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from('v11'), iv, cipher.getAuthTag(), sealed]);
  },
  decryptString: (sealed: Buffer): string => {
    const decipher = createDecipheriv('aes-256-gcm', ring, sealed.subarray(3, 15));
    decipher.setAuthTag(sealed.subarray(15, 31));
    return Buffer.concat([decipher.update(sealed.subarray(31)), decipher.final()]).toString('utf8');
  },
};
