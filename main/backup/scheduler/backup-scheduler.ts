import { messageOf } from '../../../shared/lib/app-error.ts';
import { makeDueRun } from './due-run.ts';
import * as planning from './schedule-plan.ts';
import type { SchedulePlan } from './schedule-state.ts';
import type { SchedulerPorts, ScheduleSettings } from './scheduler-ports.ts';
import { missedText } from './skip-text.ts';

/** Longer sleeps are cut, so that it is noticed soon when the machine slept or its clock was set. */
const longestSleepMs = 5 * 60_000;
/** Timers may fire a little early by the wall clock. */
const toleranceMs = 500;
/** What the two clocks may differ by without anybody setting one. */
const driftMs = 60_000;

/**
 * Makes a backup every so many hours since the last good one: remembered over restarts, one for all that was missed, waiting for a place
 * that is away, with longer and longer pauses after failures. No change of a setting starts a backup. Idle it wakes every five minutes.
 */
export class BackupScheduler implements AsyncDisposable {
  readonly #ports: SchedulerPorts;
  #settings: ScheduleSettings = { isOn: false, intervalMs: 6 * planning.hourMs, pausedUntilMs: undefined };
  #timer: Disposable | undefined;
  /** The plan that `#dueElapsedMs` is of: when it is due by the clock that nobody sets. */
  #timed: SchedulePlan | undefined;
  #dueElapsedMs = 0;
  #attempt: Promise<void> | undefined;
  #runningSinceMs: number | undefined;
  #isStopped = false;

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
  }

  /** Whether runs are planned at all. */
  get isOn(): boolean {
    return this.#settings.isOn && !this.#isStopped;
  }

  /** When the next runs are due if all goes well, ms since 1970; none while nothing is planned. */
  nextRuns(count: number): readonly number[] {
    const { intervalMs, pausedUntilMs } = this.#settings;
    const { plan } = this.#ports.store.state;
    if (!this.isOn || plan === undefined || pausedUntilMs === 'forever') return [];
    // What is noted before a run is for the case that it does not end.
    const next =
      this.#runningSinceMs === undefined
        ? plan
        : planning.planAfterSuccess(this.#runningSinceMs, this.#nowMs, intervalMs);
    const atMs = Math.max(next.atMs, pausedUntilMs ?? next.atMs);
    return planning.nextRuns({ ...next, atMs }, intervalMs, count);
  }

  /** Plans the next run by what is remembered. With `startup` there is one at once. */
  start(settings: ScheduleSettings, options: Readonly<{ startup: boolean }>): void {
    this.#settings = settings;
    if (!this.isOn) return;
    const plan = this.#planAtStart();
    this.#setPlan(options.startup ? { atMs: this.#nowMs, reason: 'startup' } : plan);
  }

  /** Takes on changed settings. */
  update(settings: ScheduleSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (!this.isOn) {
      this.#rest();
      return;
    }
    this.#followClock();
    const { state } = this.#ports.store;
    const { plan } = state;
    const isResumed = plan?.reason === 'paused' && settings.pausedUntilMs !== before.pausedUntilMs;
    // It was due before: the machine slept, and nobody has noticed yet.
    const isOverdue = plan !== undefined && plan.atMs <= this.#nowMs;
    if (this.#attempt !== undefined) this.#ports.onChange();
    else if (plan === undefined || !before.isOn || isResumed || isOverdue) this.#setPlan(this.#planAtStart());
    else if (settings.intervalMs === before.intervalMs) this.#ports.onChange();
    else this.#setPlan(planning.planWithInterval({ ...state, plan }, this.#nowMs, settings.intervalMs));
  }

  /** Looks at the plan and the clocks anew: the machine woke up, or a run of somebody else has ended. */
  wake(): void {
    if (this.isOn && this.#attempt === undefined) this.#look();
  }

  /** Plans nothing any more; a run that is on goes on. */
  stop(): void {
    this.#isStopped = true;
    this.#rest();
  }

  /** Stops, and waits for a run that is on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#attempt;
    await this.#ports.store.saved();
  }

  get #nowMs(): number {
    return this.#ports.clock.now();
  }

  #planAtStart(): SchedulePlan {
    const { state } = this.#ports.store;
    const { intervalMs } = this.#settings;
    const plan = planning.planAtStart(state, this.#nowMs, intervalMs);
    const missed = state.plan === undefined ? 0 : planning.missedRuns(state.plan, this.#nowMs, intervalMs);
    if (missed > 0) this.#ports.recordSkip('missed', missedText(missed));
    return plan;
  }

  #setPlan(plan: SchedulePlan): void {
    this.#ports.store.update({ plan });
    this.#look();
  }

  #rest(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#timed = undefined;
    this.#ports.onChange();
  }

  /** Sleeps until the plan is due, or for a while; when it is, tries. */
  #look(): void {
    this.#timer?.[Symbol.dispose]();
    this.#followClock();
    const { clock, store } = this.#ports;
    const { plan } = store.state;
    if (plan === undefined) return;
    if (plan !== this.#timed) this.#takeTimes(plan);
    const leftMs = plan.atMs - clock.now();
    if (leftMs <= toleranceMs) this.#attempt = this.#try(plan);
    else this.#timer = clock.after(Math.min(leftMs, longestSleepMs), () => this.#look());
  }

  /** The wall clock was set back: the plan goes with it, so that nobody waits longer than was planned. */
  #followClock(): void {
    const { clock, store } = this.#ports;
    const { plan } = store.state;
    if (plan === undefined || plan !== this.#timed) return;
    const atMs = Math.round(clock.now() + this.#dueElapsedMs - clock.elapsed());
    if (atMs < plan.atMs - driftMs) store.update({ plan: { ...plan, atMs } });
  }

  #takeTimes(plan: SchedulePlan): void {
    this.#timed = plan;
    this.#dueElapsedMs = this.#ports.clock.elapsed() + (plan.atMs - this.#nowMs);
    this.#ports.onChange();
  }

  /** However it ends, there is a plan afterwards, and somebody who looks at it. */
  async #try(plan: SchedulePlan): Promise<void> {
    let next: SchedulePlan | undefined;
    try {
      next = await makeDueRun(plan, {
        ports: this.#ports,
        settings: () => this.#settings,
        isOn: () => this.isOn,
        onRun: (startedMs) => (this.#runningSinceMs = startedMs),
      });
    } catch (error) {
      this.#ports.onProblem(messageOf(error));
      next = { atMs: this.#nowMs + planning.lookAgainMs, reason: 'retry' };
    }
    this.#runningSinceMs = undefined;
    this.#attempt = undefined;
    if (next !== undefined) this.#ports.store.update({ plan: next });
    if (this.isOn) this.#look();
  }
}
