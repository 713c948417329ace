import { assertNever } from '../../../shared/lib/assert-never.ts';
import { outsideDatabaseHours } from './database-hours.ts';
import * as planning from './schedule-plan.ts';
import type { PlanReason, SchedulePlan } from './schedule-state.ts';
import type { SchedulerPorts, ScheduleSettings } from './scheduler-ports.ts';
import { busyText, missedText, pausedText } from './skip-text.ts';

type Asking = Readonly<{
  ports: SchedulerPorts;
  /** As they are now: they may change while a run is on. */
  settings: () => ScheduleSettings;
  isOn: () => boolean;
  onRun: (startedMs: number) => void;
}>;

/**
 * Makes the run that is due, unless something stands in its way. Returns the plan that follows; undefined where that is the one in the
 * store: after a good run, and when the schedule has been stopped.
 */
export async function makeDueRun(plan: SchedulePlan, asking: Asking): Promise<SchedulePlan | undefined> {
  const { ports, isOn } = asking;
  const { clock, destinationProblem, isBusy, recordSkip } = ports;
  const { intervalMs } = asking.settings();
  const nowMs = clock.now();
  const paused = pauseOf(asking);
  if (paused !== undefined) return held({ ports, plan }, paused, pausedText);
  const missed = planning.missedRuns(plan, nowMs, intervalMs);
  if (missed > 0) {
    recordSkip('missed', missedText(missed));
    return { atMs: nowMs + planning.settleMs, reason: 'catch-up' };
  }
  const problem = await destinationProblem();
  if (!isOn()) return undefined;
  // That may have taken half an hour.
  const since = pauseOf(asking);
  if (since !== undefined) return held({ ports, plan }, since, pausedText);
  if (problem !== undefined) return held({ ports, plan }, later(ports, 'waiting'), problem);
  if (isBusy()) return held({ ports, plan }, later(ports, 'busy'), busyText);
  const quietMs = outsideDatabaseHours(clock.now());
  if (quietMs > clock.now()) return { atMs: quietMs, reason: 'database' };
  return await run(plan, asking);
}

function pauseOf({ ports: { clock }, settings }: Asking): Hold | undefined {
  const { pausedUntilMs, intervalMs } = settings();
  const nowMs = clock.now();
  if (pausedUntilMs === undefined || (pausedUntilMs !== 'forever' && pausedUntilMs <= nowMs))
    return undefined;
  return { atMs: pausedUntilMs === 'forever' ? nowMs + intervalMs : pausedUntilMs, reason: 'paused' };
}

async function run(plan: SchedulePlan, asking: Asking): Promise<SchedulePlan | undefined> {
  const { ports, settings, isOn } = asking;
  const { clock, store } = ports;
  const startedMs = clock.now();
  const { failures: before } = store.state;
  const failures = before + 1;
  const retry = (outcome: 'failed' | 'incomplete'): SchedulePlan =>
    planning.planAfterFailure(outcome, failures, { nowMs: clock.now(), intervalMs: settings().intervalMs });
  // Noted as failed until it has ended: a run that kills the process must not be tried at once after each start.
  store.update({ failures, plan: retry('failed') });
  await store.saved();
  if (!isOn()) return undefined;
  asking.onRun(startedMs);
  const result = await ports.run(plan.reason === 'startup' ? 'startup' : 'scheduled');
  switch (result.outcome) {
    case 'succeeded':
      return undefined;
    case 'incomplete':
    case 'failed':
      return retry(result.outcome);
    case 'cancelled':
      store.update({ failures: before });
      // Who cancels a run wants the next one at its time; who stops the application, soon after the next start.
      return isOn() ? planning.planAfterSuccess(startedMs, clock.now(), settings().intervalMs) : undefined;
    case 'skipped':
      store.update({ failures: before });
      return held({ ports, plan }, later(ports, result.reason), result.message);
    default:
      return assertNever(result);
  }
}

type HoldReason = Extract<PlanReason, 'waiting' | 'busy' | 'paused'>;

function later({ clock }: SchedulerPorts, reason: 'waiting' | 'busy'): Hold {
  return { atMs: clock.now() + planning.lookAgainMs, reason };
}

type Hold = SchedulePlan & Readonly<{ reason: HoldReason }>;

/** Recorded once, however often it is looked again. */
function held(
  { ports, plan }: Readonly<{ ports: SchedulerPorts; plan: SchedulePlan }>,
  hold: Hold,
  message: string | undefined,
): SchedulePlan {
  if (message !== undefined && plan.reason !== hold.reason) ports.recordSkip(hold.reason, message);
  return hold;
}
