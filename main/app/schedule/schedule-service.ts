import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { Trigger } from '../../../shared/model/trigger.ts';
import { BackupScheduler } from '../../backup/scheduler/backup-scheduler.ts';
import type { ScheduledOutcome } from '../../backup/scheduler/scheduler-ports.ts';
import type { SkipReason } from '../../backup/scheduler/skip-text.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';
import { recordEnded } from '../record-run.ts';
import { destinationProblem } from './destination.ts';
import { isPaused, scheduleSettings } from './schedule-settings.ts';
import { waitForWriter } from './wait-for-writer.ts';
import { shutdownBackup } from './shutdown-backup.ts';
import { runOperation } from '../operations/run-operation.ts';

type ScheduleParts = Readonly<{
  engine: Engine;
  clock: Clock;
  /** Cancels the run that is on. */
  signal: AbortSignal;
  onProblem: (message: string) => void;
}>;

/** Backups that nobody asks for: by the schedule, at the start and at the end of the application. */
export class ScheduleService implements AsyncDisposable {
  readonly #parts: ScheduleParts;
  readonly #scheduler: BackupScheduler;
  readonly #subscription: Disposable;
  /** Ends the wait for another machine. */
  readonly #stopped: AbortController;

  private constructor(parts: ScheduleParts, scheduler: BackupScheduler, stopped: AbortController) {
    this.#parts = parts;
    this.#stopped = stopped;
    this.#scheduler = scheduler;
    parts.engine.scheduler = scheduler;
    // Any good backup moves the plan, and the end of any run lets one that waited begin.
    this.#subscription = parts.engine.events.on('runFinished', () => scheduler.wake());
  }

  static async start(parts: ScheduleParts): Promise<ScheduleService> {
    const { engine, clock, onProblem } = parts;
    const { settings } = await engine.settings.read();
    const store = await engine.schedule();
    const stopped = new AbortController();
    const scheduler: BackupScheduler = new BackupScheduler({
      clock,
      store,
      onProblem,
      destinationProblem: async () =>
        (await destinationProblem(engine)) ?? (await waitForWriter(engine, clock, stopped.signal)),
      isBusy: () => engine.isBusy,
      run: async (trigger) => await runBackup(parts, trigger),
      recordSkip: (reason, message) => void recordSkip(engine, { trigger: 'scheduled', reason, message }),
      onChange: () => tellChange(engine, scheduler),
    });
    const service = new ScheduleService(parts, scheduler, stopped);
    const startup = settings.backup.onStartup && !isPaused(settings, clock.now());
    scheduler.start(scheduleSettings(settings, engine.entitlements), { startup });
    return service;
  }

  /** Takes on changed settings. */
  readonly update = (settings: HomeSettings): void =>
    this.#scheduler.update(scheduleSettings(settings, this.#parts.engine.entitlements));

  /** The machine woke up. */
  wake(): void {
    this.#scheduler.wake();
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#subscription[Symbol.dispose]();
    this.#scheduler.stop();
    this.#stopped.abort();
  }

  /** The backup at the end, within what `signal` leaves of the time. */
  async backUpAtEnd(signal: AbortSignal): Promise<void> {
    const { engine } = this.#parts;
    await shutdownBackup({
      engine,
      signal,
      recordSkip: async (reason, message) =>
        await recordSkip(engine, { trigger: 'shutdown', reason, message }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#scheduler[Symbol.asyncDispose]();
  }
}

function tellChange(engine: Engine, scheduler: BackupScheduler): void {
  const [nextRunMs] = scheduler.nextRuns(1);
  engine.events.emit('scheduleChanged', nextRunMs === undefined ? {} : { nextRunMs });
}

async function runBackup(
  { engine, signal }: ScheduleParts,
  trigger: 'scheduled' | 'startup',
): Promise<ScheduledOutcome> {
  try {
    const { incomplete } = await runOperation(
      engine,
      'backup',
      { trigger },
      { signal, onProgress: () => undefined },
    );
    return { outcome: incomplete ? 'incomplete' : 'succeeded' };
  } catch (error) {
    return outcomeOfError(error);
  }
}

function outcomeOfError(error: unknown): ScheduledOutcome {
  if (!(error instanceof AppError)) return { outcome: 'failed' };
  if (error.kind === 'cancelled') return { outcome: 'cancelled' };
  if (error.kind === 'busy') return { outcome: 'skipped', reason: 'busy', message: messageOf(error) };
  return error.details['absent'] === true ? { outcome: 'skipped', reason: 'waiting' } : { outcome: 'failed' };
}

async function recordSkip(
  engine: Engine,
  { trigger, reason, message }: Readonly<{ trigger: Trigger; reason: SkipReason; message: string }>,
): Promise<void> {
  const atMs = engine.now();
  await recordEnded(engine, () => ({
    operation: 'backup',
    trigger,
    startedMs: atMs,
    finishedMs: atMs,
    outcome: 'skipped',
    skipReason: reason,
    message,
    failedSources: [],
  }));
}
