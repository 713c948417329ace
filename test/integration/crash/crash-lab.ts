import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { ServiceContext } from '../../../main/backup/services.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { builtInRegistry } from '../../../main/components/registry.ts';
import { openFolderStorage } from '../../../main/storage/folder-storage.ts';
import type { StorageHook } from '../../../main/storage/storage-hook.ts';
import { readInstall } from '../../../main/trinity/read-install.ts';
import { openVault } from '../../../main/vault/open-vault.ts';
import type { OpenedVault } from '../../../main/vault/open-vault.ts';
import { homeSettings } from '../../../shared/model/settings.ts';
import { commandFile } from '../../helpers/command-file.ts';
import { changeCrashInstall, digestOfInstall, writeCrashInstall } from './crash-install.ts';
import type { InstallPlaces } from './crash-install.ts';

export type Ended = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

export type RunOptions = Readonly<{
  /** Environment that plans a kill or a failure (test/fakes/storage-hook.child.ts). */
  plan?: Readonly<Record<string, string>>;
  /** Ends the command (SIGKILL) when this resolves, unless it has ended. */
  killWhen?: () => Promise<void>;
  /** Ends it once the journal of a restore says this, and the rename of this number in it is done. */
  killedBy?: Readonly<{ phase: string; move?: number }>;
}>;

// Looks at nothing else: all renames together take a ms.
const killer = `
const fs = require('node:fs');
const { workerData: { pid, folder, phase, move } } = require('node:worker_threads');
const journal = () => {
  try {
    const name = fs.readdirSync(folder).find((each) => each.endsWith('.json'));
    return JSON.parse(fs.readFileSync(folder + '/' + name, 'utf8'));
  } catch { return undefined; }
};
let found = journal();
while (found?.phase !== phase) found = journal();
const to = move === undefined ? undefined : found.moves[move]?.to;
while (to !== undefined && !fs.existsSync(to.root + '/' + to.path));
process.kill(pid, 'SIGKILL');`;

export type LabContext = ServiceContext & Readonly<{ vault: OpenedVault }>;

export const passphrase = 'a passphrase of tests';

/**
 * A tiny install with its home and vault in one folder, which can be put back to what it was at `save`. The folder's place never
 * changes, since a home names its install and vault by their places.
 */
export class CrashLab {
  readonly folder: string;
  readonly places: InstallPlaces;
  readonly home: string;
  readonly vaultFolder: string;
  /** Of the vault, printed when it was made. */
  recoveryKey = '';
  readonly #saved: string;

  constructor(folder: string) {
    this.folder = path.join(folder, 'lab');
    this.places = { install: path.join(this.folder, 'trinity'), volumes: path.join(this.folder, 'volumes') };
    this.home = path.join(this.folder, 'home');
    this.vaultFolder = path.join(this.folder, 'vault');
    this.#saved = path.join(folder, 'saved');
    mkdirSync(this.folder, { recursive: true });
    writeCrashInstall(this.places);
  }

  async setUp(): Promise<void> {
    const { install, volumes } = this.places;
    await this.succeed(['install', '--path', install, '--volumes-root', volumes]);
    const made = await this.succeed(['init', '--vault', this.vaultFolder]);
    this.recoveryKey = z.object({ recoveryKey: z.string() }).parse(made).recoveryKey;
  }

  change(): void {
    changeCrashInstall(this.places);
  }

  liveDigest(): string {
    return digestOfInstall(this.places);
  }

  /** Paths that are ours: in the install and its volumes, and what runs keep in the home while they run. */
  leftovers(): readonly string[] {
    const { install, volumes } = this.places;
    const ofOurs = [install, volumes].flatMap((folder) =>
      namesIn(folder, true).filter((name) => name.includes('trinity-backup')),
    );
    const kept = ['scratch', 'journals'].flatMap((name) => namesIn(path.join(this.home, name), false));
    return [...ofOurs, ...kept];
  }

  save(): void {
    this.#emptyReserve();
    rmSync(this.#saved, { recursive: true, force: true });
    copyTree(this.folder, this.#saved);
  }

  reset(): void {
    rmSync(this.folder, { recursive: true, force: true });
    copyTree(this.#saved, this.folder);
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, [commandFile(), '--json', ...args], {
      env: { ...process.env, ...this.#environment(), ...options.plan },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
    const closed = once(child, 'close');
    const { pid } = child;
    const folder = path.join(this.home, 'journals');
    const workerData = { pid, folder, ...options.killedBy };
    const worker =
      options.killedBy === undefined ? undefined : new Worker(killer, { eval: true, workerData });
    if (options.killWhen !== undefined) {
      await Promise.race([options.killWhen(), closed]);
      child.kill('SIGKILL');
    }
    await closed;
    await worker?.terminate();
    return { code: child.exitCode, signal: child.signalCode, ...output };
  }

  /** A run that must do its work; its JSON document. Exit 3 is one with warnings. */
  async succeed(args: readonly string[]): Promise<unknown> {
    const ended = await this.run(args);
    if (ended.code !== 0 && ended.code !== 3) {
      throw new Error(`${args.join(' ')} ended with ${ended.code ?? ended.signal}: ${ended.stderr}`);
    }
    return JSON.parse(ended.stdout);
  }

  /** Makes a backup and gives its id. */
  async backUp(): Promise<string> {
    return z.object({ backupId: z.string() }).parse(await this.succeed(['backup'])).backupId;
  }

  /** Ids of the live backups, newest first. */
  async listed(): Promise<readonly string[]> {
    const backups = z.array(z.object({ backupId: z.string() })).parse(await this.succeed(['list']));
    return backups.map(({ backupId }) => backupId);
  }

  /** Lets a backup go for good at the next collecting. */
  async forgetBackup(backupId: string): Promise<void> {
    await this.withServices(async ({ vault }) => {
      await using writer = await vault.openWriter('delete');
      await writer.trash(backupId, 0);
    });
  }

  /** The number of storage calls that a command makes, of all or only of those that change something. */
  async countCalls(args: readonly string[], counts: 'all' | 'mutating'): Promise<number> {
    const file = path.join(path.dirname(this.folder), 'calls');
    const plan = { TRINITY_TEST_COUNT_FILE: file, TRINITY_TEST_COUNTS: counts };
    const ended = await this.run(args, { plan });
    if (ended.code !== 0 && ended.code !== 3) throw new Error(ended.stderr);
    return Number(readFileSync(file, 'utf8'));
  }

  /** Calls services in this process, as the command would; a hook sees each storage call. */
  async withServices<T>(
    use: (context: LabContext, hook?: StorageHook) => Promise<T>,
    hook?: StorageHook,
    folder = this.vaultFolder,
  ): Promise<T> {
    const settings = homeSettings.parse(
      JSON.parse(readFileSync(path.join(this.home, 'settings.json'), 'utf8')),
    );
    const { install } = settings;
    if (install === undefined) throw new Error('The lab was not set up.');
    await using vault = await this.#openVault(folder, hook);
    const context = {
      vault,
      installSettings: install,
      settings: settings.backup,
      registry: builtInRegistry(),
      isEntitled: () => true,
      readInstall: async () => await readInstall(install),
      home: this.home,
      productVersion: '0.0.0',
      now: Date.now,
    };
    return await use(context, hook);
  }

  /** Ids of the live backups, and names of what a full verify of the vault, or of a copy, finds. */
  async inspect(
    folder = this.vaultFolder,
  ): Promise<Readonly<{ backupIds: readonly string[]; damaged: readonly string[] }>> {
    return await this.withServices(
      async (context) => {
        const { manifests, unreadable } = await context.vault.listManifests();
        const signal = new AbortController().signal;
        const { damaged } = await verifyVault(context, { data: 'full' }, { signal });
        const live = manifests.filter(({ state }) => state === 'live');
        return {
          backupIds: live.map(({ manifest }) => manifest.backupId),
          damaged: [...unreadable.map(({ backupId }) => backupId), ...damaged.map(({ object }) => object)],
        };
      },
      undefined,
      folder,
    );
  }

  /** The same size without the bytes, which nobody reads and every reset would copy. */
  #emptyReserve(): void {
    const file = path.join(this.vaultFolder, 'reserve');
    const { size } = statSync(file);
    truncateSync(file, 0);
    truncateSync(file, size);
  }

  async #openVault(folder: string, hook?: StorageHook): Promise<OpenedVault> {
    // A small reserve: taking 32 MiB again and again would be most of the work.
    const storage = await openFolderStorage(folder, {
      reserveBytes: 1024,
      ...(hook === undefined ? {} : { hook }),
    });
    const deviceKey = readFileSync(path.join(this.home, 'device-key'));
    const hostLockFolder = path.join(this.folder, 'state/trinity-backup/locks');
    return await openVault({ storage, hostLockFolder, secret: { kind: 'device', deviceKey } });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      NODE_ENV: 'test',
      XDG_STATE_HOME: path.join(this.folder, 'state'),
      TRINITY_BACKUP_HOME: this.home,
      TRINITY_BACKUP_PASSPHRASE: passphrase,
      TRINITY_BACKUP_TEST_HOOK: path.join(path.dirname(commandFile()), 'storage-hook.child.js'),
    };
  }
}

/** With times to the ns, which Node's own copying rounds. */
function copyTree(from: string, to: string): void {
  execFileSync('cp', ['-a', '--sparse=always', from, to]);
}

function namesIn(folder: string, recursive: boolean): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { recursive, encoding: 'utf8' });
}
