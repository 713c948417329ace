import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/lib/app-error.ts';
import { momentText } from '../../shared/lib/time-text.ts';
import type { HomeSettings, InstallSettings } from '../../shared/model/settings.ts';
import type { Progress, ServiceContext } from '../backup/services.ts';
import { version } from '../platform/version.ts';
import type { Home } from './home/home.ts';
import { SettingsStore } from './home/settings-store.ts';
import type { OperationOptions } from './operation.ts';
import { operations } from './operations/operations.ts';
import type { InputOf, OperationName, ResultOf } from './operations/operations.ts';
import { OpenedVault } from './opened-vault.ts';

/** A run that changes vault or install: there is one at a time. */
export type WritingRun = Readonly<{ what: 'backup' | 'restore' | 'change'; startedAtMs: number }> & {
  progress?: Progress;
};

/**
 * The one engine of a home: settings, the open vault and everything made from them. It is made by the holder of the home's lock
 * (run-operation.ts) and runs the operations of all commands that come meanwhile.
 */
export class Engine implements AsyncDisposable {
  readonly home: Home;
  readonly settings: SettingsStore;
  readonly now: () => number;
  #passphrase: string | undefined;
  #opening: Promise<OpenedVault> | undefined;
  /** Vaults that gave way to another; commands may still be reading them, so they are closed at the end. */
  readonly #earlier: Promise<OpenedVault>[] = [];
  #writing: WritingRun | undefined;

  constructor(home: Home, options: Readonly<{ passphrase?: string | undefined; now?: () => number }> = {}) {
    this.home = home;
    this.now = options.now ?? Date.now;
    this.settings = new SettingsStore(home.settingsFile, this.now);
    this.#passphrase = options.passphrase;
  }

  /** What changes vault or install just now. */
  get writing(): WritingRun | undefined {
    return this.#writing;
  }

  /** Runs an operation; `input` is checked by the operation itself. */
  async run<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    options: OperationOptions,
  ): Promise<ResultOf<Name>> {
    const { run } = await operations[name]();
    // The table ties name, input and result together; that is lost where it is indexed by a type parameter.
    return (await run(this, input, options)) as ResultOf<Name>;
  }

  /** A passphrase that came with a command, for a vault that the device key does not open. */
  offerPassphrase(passphrase: string): void {
    this.#passphrase ??= passphrase;
  }

  /** Runs what changes vault or install; `busy` at once while another such run is on. */
  async exclusively<Result>(
    what: WritingRun['what'],
    options: OperationOptions,
    run: (options: OperationOptions) => Promise<Result>,
  ): Promise<Result> {
    if (this.#writing !== undefined) throw busy(this.#writing, this.now());
    const writing: WritingRun = { what, startedAtMs: this.now() };
    this.#writing = writing;
    try {
      return await run({
        signal: options.signal,
        onProgress: (progress) => {
          writing.progress = progress;
          options.onProgress(progress);
        },
      });
    } finally {
      this.#writing = undefined;
    }
  }

  /** The vault of this home, opened once. `not-found` when none is set up, `no-key` when nothing opens it. */
  async vault(): Promise<OpenedVault> {
    this.#opening ??= this.#openVault();
    try {
      return await this.#opening;
    } catch (error) {
      // The next command may bring a passphrase, or the disk may be there by then.
      this.#opening = undefined;
      throw error;
    }
  }

  /** Forgets the open vault, after its place or its keys have changed. */
  forgetVault(): void {
    if (this.#opening !== undefined) this.#earlier.push(this.#opening);
    this.#opening = undefined;
  }

  /** What services are given. Without an install, those that need one say so when they read it. */
  async services(): Promise<ServiceContext> {
    const { settings } = await this.settings.read();
    const { builtInRegistry } = await import('../components/registry.ts');
    return {
      vault: (await this.vault()).vault,
      installSettings: settings.install ?? noInstall(),
      settings: settings.backup,
      registry: builtInRegistry(),
      readInstall: async () => {
        const { readInstall } = await import('../trinity/read-install.ts');
        return await readInstall(requireInstall((await this.settings.read()).settings));
      },
      home: this.home.folder,
      productVersion: version,
      now: this.now,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.forgetVault();
    for (const opening of await Promise.allSettled(this.#earlier)) {
      if (opening.status === 'fulfilled') await opening.value[Symbol.asyncDispose]();
    }
  }

  async #openVault(): Promise<OpenedVault> {
    const { settings } = await this.settings.read();
    return await OpenedVault.open(settings.backup, {
      home: this.home,
      passphrase: this.#passphrase,
      now: this.now,
    });
  }
}

/** The install of this home, or the sentence that says how to set it. */
export function requireInstall(settings: HomeSettings): InstallSettings {
  if (settings.install !== undefined) return settings.install;
  throw new AppError('not-found', 'No install is set for this home: name it with trinity-backup install --path DIR.');
}

/** Stands for the install of a home that has none, which can only restore elsewhere: it is the install of no backup. */
function noInstall(): InstallSettings {
  return { installId: randomBytes(16).toString('hex'), folder: '/nonexistent' };
}

function busy(running: WritingRun, nowMs: number): AppError {
  const what = { backup: 'A backup', restore: 'A restore', change: 'A change of the vault' }[running.what];
  return new AppError(
    'busy',
    `${what} is running (begun ${momentText(running.startedAtMs, nowMs)}): wait for it to end, then try again.`,
  );
}
