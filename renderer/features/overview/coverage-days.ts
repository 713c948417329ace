import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { dayMs } from '../../../shared/lib/time-text.ts';

/** How a source fared on one day; the best counts, since one good backup makes the day good. */
export type Day = Readonly<{ startMs: number; outcome: 'good' | 'warnings' | 'failed' | 'none' }>;

type SourceRun = CallOutput<'history.coverage'>['sources'][number];

/** One entry for each of the last `days` days of the local calendar, today last. */
export function daysOf(runs: readonly SourceRun[], days: number, nowMs: number): readonly Day[] {
  const today = startOfDay(nowMs);
  return Array.from({ length: days }, (_, index) => {
    // Days have 23 or 25 hours where clocks are changed: noon never falls out of its day.
    const startMs = startOfDay(today + dayMs / 2 - (days - 1 - index) * dayMs);
    const endMs = startOfDay(startMs + dayMs * 1.5);
    return {
      startMs,
      outcome: outcomeOf(runs.filter(({ startedMs }) => startedMs >= startMs && startedMs < endMs)),
    };
  });
}

function outcomeOf(runs: readonly SourceRun[]): Day['outcome'] {
  const good = runs.filter(({ outcome }) => outcome === 'succeeded');
  if (good.length > 0) return good.some(({ warnings }) => warnings === 0) ? 'good' : 'warnings';
  return runs.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'none';
}

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}
