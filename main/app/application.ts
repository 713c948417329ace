import { inspect } from 'node:util';
import { AppError } from '../../shared/lib/app-error.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { createHandlers } from './calls/handlers.ts';
import { CallRouter } from './calls/router.ts';
import { Replicator } from './copies/replicator.ts';
import type { DesktopPort } from './desktop-port.ts';
import type { Engine } from './engine.ts';
import { EventBus } from './events/event-bus.ts';
import { openHome } from './home/home.ts';
import { assertSupportedSystem } from './launch/supported-system.ts';
import { lockApplication, lockEngine } from './home/home-locks.ts';
import type { KeychainPort } from './home/keychain.ts';
import { startNotices } from './notices/start-notices.ts';
import type { TrayPort } from './notices/sinks/tray-sink.ts';
import type { OperationOptions } from './operation.ts';
import type { InputOf, OperationName, ResultOf } from './operations/operations.ts';
import { Power } from './power.ts';
import { scheduleAhead } from './schedule/schedule-facts.ts';
import { recoverAndTell } from './recovery/recover-and-tell.ts';
import { RecoveryRetries } from './recovery/recovery-retries.ts';
import { ScheduleService } from './schedule/schedule-service.ts';
import type { Judged } from './status/judged.ts';
import type { StatusWatcher } from './status/status-watcher.ts';
import { type SettingsListener, SettingsSubscriber } from './settings/settings-subscriber.ts';
import { type StartedEngine, startEngine } from './start-engine.ts';
import { UpkeepScheduler } from './upkeep/upkeep-scheduler.ts';
import { Tasks } from './tasks/tasks.ts';
import { runOperation } from './operations/run-operation.ts';

export type ApplicationOptions = Readonly<{
  homeFolder: string;
  /** Opens the vault where the device key does not. */
  passphrase: string | undefined;
  /** Is told what was put right at the start, and what went wrong where nobody asked. */
  onNotice: (message: string) => void;
  /** Gives up waiting for a command that is the engine of this home just now. */
  signal: AbortSignal;
  /** Looks at what the host needs once the home is ours; where it rejects nothing has begun that would have to be ended in order. */
  beforeStart?: () => Promise<void>;
  clock?: Clock;
  /** The desktop's own notices, where there is a desktop. */
  tray?: TrayPort;
  /** Keeps the machine from falling asleep by itself while something is written. */
  holdAwake?: () => Disposable;
  /** Seals the key of this home, where a desktop has one. */
  keychain?: KeychainPort;
  /** What only a desktop can do for its pages. */
  desktop?: DesktopPort;
}>;

/** What a stop takes at most: sessions end, and systems are shut down, whether we are done or not. */
const stopMs = 20_000;
/** What putting back may take beyond that; it is in the journal, and done by the guard or at the next start else. */
const undoMs = 40_000;

/**
 * The long-lived application that every host starts (`serve`, the desktop): it holds the home and answers, recovers journals before
 * anything else is written, then runs the services. Stopping ends them in the opposite order, backups last.
 */
export class Application implements AsyncDisposable {
  readonly engine: Engine;
  readonly events: EventBus;
  readonly clock: Clock;
  /** Long work that hosts begin and look after. */
  readonly tasks: Tasks;
  /** Answers the calls of pages. */
  readonly calls: CallRouter;
  /** Hosts that hear of sleep and the end of sessions tell it here. */
  readonly power: Power;
  /** Resolves when journals are recovered and all services run, or when it was stopped before; it is stopped where it rejects. */
  readonly ready: Promise<void>;
  readonly #starting: Promise<void>;
  readonly #started: StartedEngine;
  /** In the order in which they were started. */
  readonly #services = new AsyncDisposableStack();
  /** They see how the backup at the end goes, too. */
  readonly #observers = new AsyncDisposableStack();
  #schedule: ScheduleService | undefined;
  #sleepers: readonly Sleeper[] = [];
  #watcher: StatusWatcher | undefined;
  readonly #cancel: AbortController;
  readonly #locks: AsyncDisposable;
  readonly #onNotice: (message: string) => void;
  #stopping: Promise<void> | undefined;

  private constructor(started: StartedEngine, parts: ApplicationParts, options: ApplicationOptions) {
    this.engine = started.engine;
    this.events = parts.events;
    this.clock = parts.clock;
    this.#started = started;
    this.#cancel = parts.cancel;
    this.#locks = parts.locks;
    this.#onNotice = options.onNotice;
    const run: Application['run'] = (name, input, options) => this.run(name, input, options);
    this.tasks = new Tasks(run, { now: this.clock.now, events: this.events });
    this.power = new Power({
      clock: this.clock,
      rest: () => this.#sleepers.forEach((sleeper) => sleeper.rest?.()),
      wake: () => this.#sleepers.forEach((sleeper) => sleeper.wake()),
      stop: async () => await this.stop(),
    });
    this.calls = new CallRouter(
      createHandlers({ run, tasks: this.tasks, desktop: options.desktop }),
      (name, error) => this.engine.log.of('calls').error({ name, error: inspect(error) }, 'unexpected'),
    );
    this.#starting = this.#startServices(options);
    this.ready = this.#stoppedOnFailure();
    // Hosts wait for it when they have opened their doors.
    this.ready.catch(() => undefined);
  }

  /** As `open`, and all services run when it resolves. */
  static async start(options: ApplicationOptions): Promise<Application> {
    const application = await Application.open(options);
    await application.ready;
    return application;
  }

  /**
   * Resolves when it answers; `busy` where another application holds the home. Where interrupted runs left something, that is put right
   * first: it may take minutes, in which the application says so, writes nothing else and runs no service.
   */
  static async open(options: ApplicationOptions): Promise<Application> {
    const { passphrase, onNotice, holdAwake, clock = systemClock } = options;
    assertSupportedSystem(process.platform);
    const home = await openHome(options.homeFolder, options.keychain);
    await using locks = new AsyncDisposableStack();
    locks.use(await lockApplication(home));
    await options.beforeStart?.();
    const lock = await lockEngine(home, options);
    const cancel = new AbortController();
    const events = new EventBus((error) => onNotice(`Something unexpected happened: ${String(error)}`));
    const optionsOf = (given: OperationOptions): OperationOptions => withSignal(given, cancel.signal);
    const started = await startEngine(home, lock, {
      passphrase,
      onNotice,
      events,
      now: clock.now,
      optionsOf,
      ...(holdAwake === undefined ? {} : { holdAwake }),
    });
    const application = new Application(started, { events, clock, cancel, locks: locks.move() }, options);
    if (!started.engine.recovery.isRunning) await application.ready;
    return application;
  }

  /** How all stands, as it was last judged; undefined before the first time. */
  get judged(): Judged | undefined {
    return this.#watcher?.current;
  }

  /** A run has ended since: how all stands now is just being judged. */
  get isJudgedBehind(): boolean {
    return this.#watcher?.isBehind === true;
  }

  /** Runs an operation for a host: pages, REST. It is cancelled when the application stops. */
  async run<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    options: OperationOptions,
  ): Promise<ResultOf<Name>> {
    return await runOperation(this.engine, name, input, withSignal(options, this.#cancel.signal));
  }

  /**
   * Ends everything: nothing new begins, what goes on may end within 20 s and is cancelled then. A restore that has begun to swap is
   * waited for until it is finished or undone, for 40 s more: then it is left to its journal, and the host has to end its process. Hosts
   * close their own doors first (REST, windows).
   */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stoppedOnFailure(): Promise<void> {
    try {
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Each service is made here, and nowhere else. */
  async #startServices({ onNotice, tray }: ApplicationOptions): Promise<void> {
    const { engine, clock } = this;
    const onProblem = (message: string): void => {
      engine.log.of('services').warn({}, message);
      onNotice(message);
    };
    engine.tray = tray;
    const parts = { engine, clock, onProblem };
    const notices = this.#observers.use(startNotices(engine, clock));
    if (engine.recovery.isRunning) {
      engine.scheduler = await scheduleAhead(engine);
      this.#watcher = notices.watch();
    }
    await this.#started.recovered;
    if (this.#stopping !== undefined) return;
    const schedule = await ScheduleService.start({ ...parts, signal: this.#cancel.signal });
    this.#schedule = schedule;
    this.#services.use(schedule);
    const upkeep = this.#services.use(new UpkeepScheduler(parts));
    const replicator = this.#services.use(new Replicator({ ...parts, copy: this.#copy }));
    upkeep.start();
    replicator.start();
    const useLine: SettingsListener = ({ backup }) => this.engine.storages.useLine(backup.transfer);
    const retries = this.#services.use(this.#newRetries(onProblem));
    retries.start();
    this.#services.use(await SettingsSubscriber.start({ ...parts, listeners: [schedule.update, useLine] }));
    if (this.#watcher === undefined) this.#watcher = notices.watch();
    else void this.#watcher.look();
    this.#sleepers = [schedule, upkeep, replicator, retries, notices];
  }

  #newRetries(onProblem: (message: string) => void): RecoveryRetries {
    const { engine, clock } = this;
    return new RecoveryRetries({
      clock,
      isLeft: () => engine.recovery.problem !== undefined,
      isBusy: () => engine.isBusy,
      recover: async () => await recoverAndTell(engine, onProblem),
      onProblem,
    });
  }

  /** Brings a copy up to the vault. */
  readonly #copy = async (name: string, signal: AbortSignal): Promise<unknown> =>
    await runOperation(this.engine, 'copiesRun', { name }, { signal, onProgress: () => undefined });

  async #stop(): Promise<void> {
    // Further commands are told what is put right: the home may not be free for longer than they would wait.
    if (!this.engine.recovery.isRunning) this.#started.server.close();
    this.#sleepers = [];
    this.power[Symbol.dispose]();
    using timers = new DisposableStack();
    timers.use(this.clock.after(stopMs, () => this.#cancelAll()));
    const givenUp = Promise.withResolvers<void>();
    timers.use(this.clock.after(stopMs + undoMs, givenUp.resolve));
    const ended = this.#end();
    // What it would say after it was given up nobody hears.
    ended.catch(() => undefined);
    if ((await Promise.race([ended, givenUp.promise.then(() => 'given up')])) === 'given up')
      this.#onNotice('What was still being put back was left to the next start, which finishes it.');
  }

  async #end(): Promise<void> {
    // What is being put right, too.
    await Promise.allSettled([this.#starting]);
    this.#started.server.close();
    // First of all: what is stopped with the application would look like something that does not run.
    await this.#watcher?.[Symbol.asyncDispose]();
    await this.#services.disposeAsync();
    await this.engine.writer.idle();
    await this.#schedule?.backUpAtEnd(this.#cancel.signal);
    // What only reads has no claim to the rest of the time.
    this.#cancelAll();
    await this.tasks[Symbol.asyncDispose]();
    await this.#observers.disposeAsync();
    await this.#started[Symbol.asyncDispose]();
    await this.#locks[Symbol.asyncDispose]();
  }

  #cancelAll(): void {
    this.#cancel.abort(new AppError('cancelled', 'The application was stopped before this was done.'));
  }
}

/** What a sleep of the machine concerns. */
type Sleeper = Readonly<{ rest?: () => void; wake: () => void }>;

type ApplicationParts = Readonly<{
  events: EventBus;
  clock: Clock;
  cancel: AbortController;
  locks: AsyncDisposable;
}>;

function withSignal(options: OperationOptions, signal: AbortSignal): OperationOptions {
  return { ...options, signal: AbortSignal.any([options.signal, signal]) };
}
