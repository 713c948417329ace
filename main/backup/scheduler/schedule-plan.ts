import { outsideDatabaseHours } from './database-hours.ts';
import type { SchedulePlan, ScheduleState } from './schedule-state.ts';

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** After a start or a sleep: disks and shares come back meanwhile, and whoever works there is not held up. */
export const settleMs = 2 * minuteMs;
/** How often a place that is away, or somebody else's run, is looked after. */
export const lookAgainMs = 5 * minuteMs;
/** A run that is so late was missed, not held up by a busy machine. */
export const missedMs = 15 * minuteMs;

const firstRetryMs = { failed: 5 * minuteMs, incomplete: hourMs } as const;

/** What follows from a start, or from being enabled: what was missed is caught up once, else the plan of before stands. */
export function planAtStart(state: ScheduleState, nowMs: number, intervalMs: number): SchedulePlan {
  const { lastSuccessMs, plan } = state;
  const soonMs = nowMs + settleMs;
  if (lastSuccessMs === undefined && plan === undefined) return { atMs: soonMs, reason: 'first' };
  // Whatever held a run up before (a pause, an absent disk) is looked at again.
  const isHeld = plan !== undefined && plan.reason !== 'interval' && plan.reason !== 'retry';
  const dueMs = isHeld ? nowMs : (plan?.atMs ?? (lastSuccessMs ?? nowMs) + intervalMs);
  if (dueMs <= soonMs) return { atMs: soonMs, reason: 'catch-up' };
  // The clock was set back: nobody waits longer than an interval.
  return { atMs: Math.min(dueMs, nowMs + intervalMs), reason: plan?.reason ?? 'interval' };
}

/** A good backup began at `startedMs`: the next comes an interval later, or two where it took that long. */
export function planAfterSuccess(startedMs: number, nowMs: number, intervalMs: number): SchedulePlan {
  return { atMs: nextOnGrid(startedMs, nowMs, intervalMs), reason: 'interval' };
}

/** `failures` counts this one too; each waits twice as long as the one before, up to an interval. */
export function planAfterFailure(
  outcome: keyof typeof firstRetryMs,
  failures: number,
  { nowMs, intervalMs }: Readonly<{ nowMs: number; intervalMs: number }>,
): SchedulePlan {
  const backOffMs = firstRetryMs[outcome] * 2 ** Math.min(20, Math.max(0, failures - 1));
  return { atMs: nowMs + Math.min(intervalMs, backOffMs), reason: 'retry' };
}

/** A new interval moves the run that is planned by it, into the future only: changing a setting starts no backup. */
export function planWithInterval(
  state: ScheduleState & Readonly<{ plan: SchedulePlan }>,
  nowMs: number,
  intervalMs: number,
): SchedulePlan {
  const { plan, lastSuccessMs } = state;
  if (plan.reason === 'retry') return { ...plan, atMs: Math.min(plan.atMs, nowMs + intervalMs) };
  if (plan.reason !== 'interval') return plan;
  return planAfterSuccess(lastSuccessMs ?? nowMs, nowMs, intervalMs);
}

/** How many runs were due until now and did not come, since the machine slept or nothing ran. */
export function missedRuns(plan: SchedulePlan, nowMs: number, intervalMs: number): number {
  if (plan.reason !== 'interval' && plan.reason !== 'retry') return 0;
  const lateMs = nowMs - plan.atMs;
  return lateMs < missedMs ? 0 : Math.floor(lateMs / intervalMs) + 1;
}

/** When the next runs are due if all goes well. */
export function nextRuns(plan: SchedulePlan, intervalMs: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => outsideDatabaseHours(plan.atMs + index * intervalMs));
}

/** The first of the moments an interval apart that lies in the future. */
function nextOnGrid(anchorMs: number, nowMs: number, intervalMs: number): number {
  // The clock was set back since: then it begins anew.
  if (anchorMs > nowMs) return nowMs + intervalMs;
  const steps = Math.floor((nowMs - anchorMs) / intervalMs) + 1;
  return anchorMs + steps * intervalMs;
}
