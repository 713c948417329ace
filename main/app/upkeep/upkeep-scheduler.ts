import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { RunKind } from '../../../shared/model/events.ts';
import type { Run } from '../../../shared/model/history.ts';
import { proofMarginMs } from '../../backup/drill/drill-plan.ts';
import { proofsDueMs } from '../../backup/drill/plan-drill.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';
import { rehearseDue } from './drill-runs.ts';
import { type DueTask, nextUpkeep, type UpkeepTask } from './due-upkeep.ts';
import { runOperation } from '../operations/run-operation.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Whatever starts with the machine goes first. */
const firstLookMs = 5 * minuteMs;
/** What upkeep gives way to. */
const writing: ReadonlySet<RunKind> = new Set(['backup', 'restore', 'change']);

type Parts = Readonly<{
  engine: Engine;
  clock: Clock;
  /** Is told what went wrong where nobody asked. */
  onProblem: (message: string) => void;
}>;

/**
 * Proves by and by that what is stored can be read and restored: a sample of the data each day, a rehearsal each week. It takes no
 * writer's place, and whatever writes to vault or install ends it at once; it begins anew afterwards. While backups are switched off
 * it rests.
 */
export class UpkeepScheduler implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #subscriptions = new DisposableStack();
  #timer: Disposable | undefined;
  #running: Readonly<{ cancel: AbortController; ended: Promise<void> }> | undefined;
  /** What is due when, as long as nothing has happened since it was looked up. */
  #next: DueTask | undefined;
  #isStopped = false;
  #isResting = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when nothing is read or rehearsed any more. */
  async idle(): Promise<void> {
    await this.#running?.ended;
  }

  /** What goes on ends at once; nothing begins until `wake`. */
  rest(): void {
    this.#isResting = true;
    this.#running?.cancel.abort(givesWay());
  }

  /** Looks in a minute at what is due: the machine woke up. */
  wake(): void {
    this.#isResting = false;
    this.#wakeIn(minuteMs);
  }

  start(): void {
    const { events } = this.#parts.engine;
    this.#wakeIn(firstLookMs);
    this.#subscriptions.use(
      events.on('runStarted', ({ what }) => {
        if (writing.has(what)) this.#running?.cancel.abort(givesWay());
      }),
    );
    const lookAgain = (): void => {
      this.#next = undefined;
      this.#wakeIn(minuteMs);
    };
    this.#subscriptions.use(events.on('runFinished', lookAgain));
    this.#subscriptions.use(events.on('settingsChanged', lookAgain));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#subscriptions.dispose();
    this.#timer?.[Symbol.dispose]();
    this.#running?.cancel.abort(givesWay());
    await this.#running?.ended;
  }

  #wakeIn(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isStopped) return;
    // Often enough to see a clock that was set, and sleep, which timers do not count.
    const waitMs = Math.min(Math.max(ms, minuteMs), hourMs);
    this.#timer = this.#parts.clock.after(waitMs, () => this.#wake());
  }

  #wake(): void {
    const { engine } = this.#parts;
    // The end of either wakes us again.
    if (this.#running !== undefined || engine.writing !== undefined || this.#isResting) return;
    const cancel = new AbortController();
    const ended = this.#work(cancel.signal).finally(() => {
      this.#running = undefined;
    });
    this.#running = { cancel, ended };
  }

  /** Never rejects. */
  async #work(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    try {
      this.#next ??= await this.#lookUp();
      if (this.#next === undefined) return this.#wakeIn(hourMs);
      const { task, atMs } = this.#next;
      if (atMs > clock.now()) return this.#wakeIn(atMs - clock.now());
      this.#next = undefined;
      signal.throwIfAborted();
      await this.#run(task, signal);
      this.#wakeIn(minuteMs);
    } catch (error) {
      // A vault that is away or locked is told by the state; a run that failed is in the history.
      if (!(error instanceof AppError)) this.#parts.onProblem(messageOf(error));
      this.#next = undefined;
      // What it gave way to wakes us when it ends; this is for the case that it has ended already.
      this.#wakeIn(signal.aborted ? minuteMs : hourMs);
    }
  }

  async #run(task: UpkeepTask, signal: AbortSignal): Promise<void> {
    const { engine } = this.#parts;
    const options = { signal, onProgress: () => undefined };
    if (task === 'sample') await runOperation(engine, 'verify', { data: 'sample' }, options);
    else await rehearseDue(engine, options);
  }

  /** Undefined where nothing is to be kept up: not set up, switched off, or no backup yet. */
  async #lookUp(): Promise<DueTask | undefined> {
    const { engine, clock } = this.#parts;
    const { settings } = await engine.settings.read();
    const { enabled, drill, path } = settings.backup;
    if (!enabled || settings.install === undefined || path === undefined) return undefined;
    const context = await engine.services();
    const dueMs = await proofsDueMs(context);
    if (dueMs === undefined) return undefined;
    const { lastSampleMs } = await engine.upkeep.read(context.vault.id);
    const [last] = (await engine.catalog())
      .runs(100, 'drill')
      .filter(({ outcome }) => outcome !== 'cancelled');
    const isRehearsed = drill.enabled && engine.entitlements.isEntitled('backup');
    return nextUpkeep({
      nowMs: clock.now(),
      lastSampleMs,
      lastDrill: last === undefined ? undefined : { atMs: last.startedMs, isDone: isDone(last) },
      proofsDueMs: dueMs,
      proofMarginMs: proofMarginMs(settings.backup.objectives.proofDays),
      everyDays: isRehearsed ? drill.everyDays : undefined,
    });
  }
}

/** One that failed as a whole, since the vault went away, says nothing of what is in it. */
function isDone({ outcome, failedSources }: Run): boolean {
  return outcome === 'succeeded' || (outcome === 'failed' && failedSources.length > 0);
}

function givesWay(): AppError {
  return new AppError('cancelled', 'It gave way to a backup or restore, and is done again later.');
}
