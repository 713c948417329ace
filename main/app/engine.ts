import type { Catalog } from '../catalog/catalog.ts';
import type { EntitlementService } from '../backup/entitlements/entitlement-service.ts';
import { loadEntitlements } from '../backup/entitlements/load-entitlements.ts';
import type { ServiceContext } from '../backup/services.ts';
import { version } from '../platform/version.ts';
import type { OpenedVault } from '../vault/open-vault.ts';
import { scheduleFile, ScheduleStore } from '../backup/scheduler/schedule-store.ts';
import { CredentialStore } from './home/credential-store.ts';
import { EventBus } from './events/event-bus.ts';
import { type RunLabel, type RunResult, watchRun } from './events/watch-run.ts';
import { logEvents } from './logs/event-log.ts';
import { HomeLog } from './logs/logger.ts';
import { secretsOfEnvironment } from './logs/redactor.ts';
import { requireForLocation } from '../backup/entitlements/off-host.ts';
import { PendingInstallStore } from '../backup/new-install/pending-install.ts';
import { parseLocation } from '../storage/location.ts';
import { VaultCopies } from './copies/vault-copies.ts';
import { HomeStorages } from './home/home-storages.ts';
import { openHomeVault, openVaultAt } from './home/home-vault.ts';
import { openCatalog } from './history/open-catalog.ts';
import { KeptComparison } from './kept-comparison.ts';
import { KeptPlans } from './kept-plans.ts';
import { NoticeStore } from './notices/notice-store.ts';
import type { TrayPort } from './notices/sinks/tray-sink.ts';
import type { StatusWatcher } from './status/status-watcher.ts';
import type { Home } from './home/home.ts';
import { noInstall, requireInstall } from './home/home-install.ts';
import { HomeRecovery } from './home/home-recovery.ts';
import { SettingsStore } from './home/settings-store.ts';
import { OpenRuns } from './open-runs.ts';
import { UpkeepStore } from './upkeep/upkeep-state.ts';
import type { OperationOptions } from './operation.ts';
import { type WritingRun, WriterSlot } from './writer-slot.ts';

/** What is planned, for whoever asks. */
export type ScheduleView = Readonly<{ isOn: boolean; nextRuns: (count: number) => readonly number[] }>;

export type EngineOptions = Readonly<{
  passphrase?: string | undefined;
  now?: () => number;
  events?: EventBus;
  entitlements?: EntitlementService;
  /** Keeps the machine from falling asleep by itself, until it is disposed. */
  holdAwake?: () => Disposable;
}>;

/**
 * The one engine of a home: settings, the open vault and everything made from them. It is made by the holder of the
 * home's lock (engine-session.ts); operations of all commands that come meanwhile run on it (operations/run-operation.ts).
 */
export class Engine implements AsyncDisposable {
  readonly home: Home;
  readonly settings: SettingsStore;
  readonly credentials: CredentialStore;
  readonly storages: HomeStorages;
  readonly upkeep: UpkeepStore;
  readonly now: () => number;
  readonly events: EventBus;
  readonly log: HomeLog;
  readonly notices: NoticeStore;
  readonly pendingInstall: PendingInstallStore;
  readonly writer: WriterSlot;
  /** What writes files of a backup to some place for somebody. */
  readonly exports: OpenRuns;
  readonly recovery: HomeRecovery;
  /** What this edition may do; its doors ask. */
  readonly entitlements: EntitlementService;
  readonly #logging: Disposable;
  readonly copies: VaultCopies;
  readonly plans = new KeptPlans();
  readonly comparison = new KeptComparison();
  /** Shows notices, where there is a desktop. Set by the host that is one. */
  tray: TrayPort | undefined;
  /** Makes a link that opens the pages; undefined while nobody serves them. Set by the host that does. */
  pagesLink: (() => string) | undefined;
  #passphrase: string | undefined;
  #offered: string | undefined;
  #opening: Promise<OpenedVault> | undefined;
  /** Vaults that gave way to another; commands may still be reading them, so they are closed at the end. */
  readonly #earlier: Promise<OpenedVault>[] = [];
  #catalog: Promise<Catalog> | undefined;
  #schedule: Promise<ScheduleStore> | undefined;
  /** Of the application, which alone has one. */
  scheduler: ScheduleView | undefined;
  /** Of the application, too: whoever gathers what the state is judged by does it there. */
  watcher: Pick<StatusWatcher, 'gather'> | undefined;

  constructor(home: Home, options: EngineOptions = {}) {
    this.home = home;
    this.now = options.now ?? Date.now;
    this.events = options.events ?? new EventBus();
    const { holdAwake = noHold } = options;
    this.writer = new WriterSlot(this.now, holdAwake);
    this.exports = new OpenRuns(holdAwake);
    const onChange = (): void => this.events.emit('vaultChanged', {});
    this.recovery = new HomeRecovery({ home, now: this.now, holdAwake, onChange });
    this.entitlements = options.entitlements ?? loadEntitlements(process.env);
    this.settings = new SettingsStore(home.settingsFile, this.now);
    this.log = new HomeLog(home.logFolder, { now: this.now });
    this.notices = new NoticeStore(home.noticesFile);
    this.pendingInstall = new PendingInstallStore(home.folder);
    this.credentials = new CredentialStore(home, (secret) => this.log.redactor.learn(secret));
    this.storages = new HomeStorages(this.credentials, (secret) => this.log.redactor.learn(secret));
    this.#logging = logEvents(this.events, this.log.of('engine'));
    this.upkeep = new UpkeepStore(home.upkeepFile);
    this.#passphrase = options.passphrase;
    this.log.redactor.learn(options.passphrase);
    this.copies = new VaultCopies({
      home: home.folder,
      now: this.now,
      settings: async () => (await this.settings.read()).settings.backup,
      vault: async () => await this.vault(),
      open: async (location, keysOf) => await this.#openCopy(location, keysOf),
      requireAllowed: ({ location, retention }) => {
        requireForLocation(this.entitlements, parseLocation(location));
        if (retention !== undefined) this.entitlements.require('backup', 'retention');
      },
      onChange: () => this.events.emit('copiesChanged', {}),
    });
  }

  /** What changes vault or install just now. */
  get writing(): WritingRun | undefined {
    return this.writer.current;
  }

  /** Nothing else may change vault or install just now. */
  get isBusy(): boolean {
    return this.writing !== undefined || this.recovery.isRunning;
  }

  /** What may open a vault that the device key does not. */
  get passphrases(): readonly string[] {
    return [this.#passphrase, this.#offered].filter((given) => given !== undefined);
  }

  /** A passphrase that came with a command, for a vault that nothing else opens: whoever got it wrong may try again. */
  offerPassphrase(passphrase: string): void {
    this.#offered = passphrase;
    this.log.redactor.learn(passphrase);
  }

  /** What opens the vault until this process ends, where the home can have no key of its own for it. */
  holdKey(secret: string): void {
    this.#passphrase = secret;
    this.log.redactor.learn(secret);
  }

  /**
   * Runs what changes vault or install; `busy` at once while another such run is on. `label` may name the trigger of a backup, `tell` how
   * a run that did not throw ended, where that is not simply well.
   */
  async exclusively<Result>(
    label: WritingRun['what'] | (RunLabel & Readonly<{ what: WritingRun['what'] }>),
    options: OperationOptions,
    run: (options: OperationOptions) => Promise<Result>,
    tell?: (result: Result) => RunResult,
  ): Promise<Result> {
    this.writer.assertFree();
    this.recovery.assertDone();
    const { what, ...rest } = typeof label === 'string' ? { what: label } : label;
    // Within, so that nobody is in the slot any more when the end is told.
    const write = async (watched: OperationOptions): Promise<Result> =>
      await this.writer.run({ what, subject: rest.subject }, watched, run);
    try {
      return await this.watched({ what, ...rest }, options, write, tell);
    } finally {
      this.events.emit('vaultChanged', {});
    }
  }

  /** Runs something that others are told of while it goes on and when it ends. */
  async watched<Result>(
    label: RunLabel,
    options: OperationOptions,
    run: (options: OperationOptions) => Promise<Result>,
    tell?: (result: Result) => RunResult,
  ): Promise<Result> {
    const watched = async (): Promise<Result> =>
      await watchRun({ events: this.events, now: this.now, label, options }, run, tell);
    return label.what === 'export' ? await this.exports.run(watched) : await watched();
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

  /** What backups are read from: the copy of this name, else the vault, or while that is away a copy of it (`from`). */
  async reading(copy?: string): Promise<Readonly<{ vault: OpenedVault; from: string | null }>> {
    if (copy === undefined) return await this.copies.readable();
    return { vault: await this.copies.open(copy), from: copy };
  }

  /** The history of runs. */
  async catalog(): Promise<Catalog> {
    this.#catalog ??= openCatalog(this.home.catalogFile, this.log.of('history'));
    return await this.#catalog;
  }

  /** When backups were made, and when the next is due. */
  async schedule(): Promise<ScheduleStore> {
    this.#schedule ??= ScheduleStore.open(scheduleFile(this.home.scheduleFile));
    return await this.#schedule;
  }

  /** What services are given. Without an install, those that need one say so when they read it. */
  async services(vault?: OpenedVault): Promise<ServiceContext> {
    const { settings } = await this.settings.read();
    const { builtInRegistry } = await import('../components/registry.ts');
    return {
      vault: vault ?? (await this.vault()),
      installSettings: settings.install ?? noInstall(),
      settings: settings.backup,
      registry: builtInRegistry(),
      readInstall: async () => {
        const { readInstall } = await import('../trinity/read-install.ts');
        const { settings: now } = await this.settings.read();
        const install = await readInstall({ ...requireInstall(now), volumeAccess: now.backup.volumeAccess });
        for (const secret of secretsOfEnvironment(install.env)) this.log.redactor.learnAddress(secret);
        return install;
      },
      home: this.home.folder,
      isEntitled: (id) => this.entitlements.isEntitled(id),
      productVersion: version,
      now: this.now,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.copies[Symbol.asyncDispose]();
    this.forgetVault();
    const [catalog, schedule] = await Promise.allSettled([this.#catalog, this.#schedule]);
    if (schedule.status === 'fulfilled') await schedule.value?.saved();
    if (catalog.status === 'fulfilled') catalog.value?.[Symbol.dispose]();
    for (const opening of await Promise.allSettled(this.#earlier)) {
      if (opening.status === 'fulfilled') await opening.value[Symbol.asyncDispose]();
    }
    this.#logging[Symbol.dispose]();
    this.log[Symbol.dispose]();
  }

  async #openCopy(location: string, keysOf: OpenedVault | undefined): Promise<OpenedVault> {
    const { settings } = await this.settings.read();
    const { home, storages } = this;
    const places = { home, storages, passphrases: this.passphrases };
    return await openVaultAt({ location, vaultId: settings.backup.vaultId }, places, keysOf?.vaultKeys);
  }

  async #openVault(): Promise<OpenedVault> {
    const { settings } = await this.settings.read();
    const { home, storages } = this;
    return await openHomeVault(settings.backup, { home, storages, passphrases: this.passphrases });
  }
}

/** Where no desktop runs, nothing falls asleep by itself. */
const noHold = (): Disposable => ({ [Symbol.dispose]: () => undefined });
