import { BackupScheduler } from '../../main/backup/scheduler/backup-scheduler.ts';
import { isInDatabaseHours } from '../../main/backup/scheduler/database-hours.ts';
import { ScheduleStore } from '../../main/backup/scheduler/schedule-store.ts';
import type { ScheduledOutcome, ScheduleSettings } from '../../main/backup/scheduler/scheduler-ports.ts';
import { FakeClock, settled } from './fake-clock.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export type Weather = 'fine' | 'away' | 'full' | 'broken source' | 'other host';

type Start = Readonly<{ trigger: string; elapsedMs: number; nowMs: number }>;

const outcomes: Readonly<Record<Weather, ScheduledOutcome>> = {
  fine: { outcome: 'succeeded' },
  away: { outcome: 'skipped', reason: 'waiting', message: 'The disk is away.' },
  full: { outcome: 'failed' },
  'broken source': { outcome: 'incomplete' },
  'other host': { outcome: 'skipped', reason: 'busy', message: 'Another host writes.' },
};

/** A machine with a schedule on it: what happens to it is up to a test, and what must never happen is noticed at once. */
export class ScheduleWorld {
  readonly clock: FakeClock;
  weather: Weather = 'fine';
  /** How long a backup takes. */
  durationMs = 4 * minuteMs;
  lastEndElapsedMs = 0;
  isWriting = false;
  settings: ScheduleSettings = { isOn: true, intervalMs: 6 * hourMs, pausedUntilMs: undefined };
  /** What outlives a crash. */
  file: string | undefined;
  starts = 0;
  good = 0;
  last: Start | undefined;
  readonly skips: string[] = [];
  readonly problems: string[] = [];
  wakes = 0;
  #scheduler: BackupScheduler | undefined;
  #store: ScheduleStore | undefined;
  #cancel: (() => void) | undefined;

  constructor(nowMs = Date.parse('2026-01-01T09:00:00Z')) {
    this.clock = new FakeClock(nowMs);
  }

  get isRunning(): boolean {
    return this.#cancel !== undefined;
  }

  get scheduler(): BackupScheduler {
    if (this.#scheduler === undefined) throw new Error('The scheduler is not running.');
    return this.#scheduler;
  }

  get isUp(): boolean {
    return this.#scheduler !== undefined;
  }

  async start(options: Readonly<{ startup: boolean }> = { startup: false }): Promise<void> {
    const store = await ScheduleStore.open({
      read: async () => this.file,
      write: async (text) => void (this.file = text),
    });
    this.#store = store;
    this.#scheduler = new BackupScheduler({
      clock: { now: this.clock.now, elapsed: this.clock.elapsed, after: this.#after },
      store,
      destinationProblem: async () => (this.weather === 'away' ? 'The disk is away.' : undefined),
      isBusy: () => this.isWriting,
      run: async (trigger) => await this.#run(trigger),
      recordSkip: (reason) => void this.skips.push(reason),
      onChange: () => undefined,
      onProblem: (message) => void this.problems.push(message),
    });
    this.#scheduler.start(this.settings, options);
    await settled();
  }

  async change(settings: Partial<ScheduleSettings>): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    this.#scheduler?.update(this.settings);
    await settled();
  }

  /** A whole backup that somebody made by hand. */
  async manualBackup(): Promise<void> {
    if (this.#store === undefined || this.isRunning) return;
    this.#noteGood(this.clock.now());
    this.scheduler.wake();
    await settled();
  }

  async cancelRun(): Promise<void> {
    this.#cancel?.();
    await settled();
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    this.scheduler.stop();
    await this.cancelRun();
    await this.scheduler[Symbol.asyncDispose]();
    this.#scheduler = undefined;
  }

  /** The process is gone, with all that it had in memory. */
  async kill(): Promise<void> {
    const { file } = this;
    await this.stop();
    this.file = file;
  }

  #after = (ms: number, run: () => void): Disposable => {
    if (ms > 5 * minuteMs) throw new Error(`A timer of ${ms} ms.`);
    return this.clock.after(ms, () => {
      this.wakes += 1;
      run();
    });
  };

  async #run(trigger: string): Promise<ScheduledOutcome> {
    const start = { trigger, elapsedMs: this.clock.elapsed(), nowMs: this.clock.now() };
    this.#assertMayRun();
    this.starts += 1;
    this.last = start;
    const isCancelled = await new Promise<boolean>((resolve) => {
      const timer = this.clock.after(this.durationMs, () => resolve(false));
      this.#cancel = () => {
        timer[Symbol.dispose]();
        resolve(true);
      };
    });
    this.#cancel = undefined;
    this.lastEndElapsedMs = this.clock.elapsed();
    if (isCancelled) return { outcome: 'cancelled' };
    const result = outcomes[this.weather];
    if (result.outcome === 'succeeded') this.#noteGood(start.nowMs);
    return result;
  }

  #noteGood(startedMs: number): void {
    this.good += 1;
    this.#store?.noteSuccess(startedMs, this.clock.now(), this.settings.intervalMs);
  }

  #assertMayRun(): void {
    const { isOn, pausedUntilMs } = this.settings;
    const nowMs = this.clock.now();
    if (this.isRunning) throw new Error('Two runs at once.');
    if (!isOn) throw new Error('A run though the schedule is off.');
    if (pausedUntilMs === 'forever' || (pausedUntilMs ?? 0) > nowMs) throw new Error('A run in a pause.');
    if (isInDatabaseHours(nowMs)) throw new Error('A run while Trinity works on its database.');
    if (this.isWriting) throw new Error('A run while another writes.');
  }
}
