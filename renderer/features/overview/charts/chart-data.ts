import type { CallOutput } from '../../../../shared/ipc/contract.ts';

type Run = CallOutput<'history.coverage'>['runs'][number];

/** A whole backup: when, how much it is of, how large the vault was then, how long it took. */
export type TrendPoint = Readonly<{
  atMs: number;
  sourceBytes: number;
  /** Undefined while the vault cannot be asked. */
  vaultBytes: number | undefined;
  durationMs: number;
  /** All backups up to this one together, of those given: as if each were whole, and what was stored for them. */
  wholeBytes: number;
  writtenBytes: number;
}>;

/**
 * The good backups, oldest first. The vault's size then is that of today less what later backups stored; what was cleared meanwhile is
 * not known any more, so the curve never shows more than there was.
 */
export function growthOf(runs: readonly Run[], storedBytes: number | undefined): readonly TrendPoint[] {
  let vaultBytes = storedBytes;
  const newestFirst = runs.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'incomplete');
  let wholeBytes = sumOf(newestFirst, ({ bytes }) => bytes);
  let writtenBytes = sumOf(newestFirst, ({ bytesStored }) => bytesStored);
  const points = newestFirst.map((run): TrendPoint => {
    const point = {
      atMs: run.startedMs,
      sourceBytes: run.bytes,
      vaultBytes,
      durationMs: run.finishedMs - run.startedMs,
      wholeBytes,
      writtenBytes,
    };
    wholeBytes -= run.bytes;
    writtenBytes -= run.bytesStored;
    if (vaultBytes !== undefined) vaultBytes = Math.max(0, vaultBytes - run.bytesStored);
    return point;
  });
  return points.toReversed();
}

function sumOf(runs: readonly Run[], bytesOf: (run: Run) => number): number {
  return runs.reduce((sum, run) => sum + bytesOf(run), 0);
}

/** How much of what the backups hold did not have to be stored again, in whole percent; 0 where nothing was saved. */
export function savedPercent({ wholeBytes, writtenBytes }: TrendPoint): number {
  return wholeBytes <= writtenBytes ? 0 : Math.floor((1 - writtenBytes / wholeBytes) * 100);
}

/** At most so many, spread over all of them; the last one always. */
export function lastOf(points: readonly TrendPoint[], most: number): readonly TrendPoint[] {
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}

export type CalendarDay = Readonly<{
  startMs: number;
  outcome: 'good' | 'warnings' | 'failed' | 'none';
  runs: number;
}>;

/** Whole weeks of the local calendar, Monday first, up to today; a good backup makes the day good. */
export function calendarOf(
  runs: readonly Run[],
  weeks: number,
  nowMs: number,
): readonly (readonly CalendarDay[])[] {
  const byDay = new Map<number, Run[]>();
  for (const run of runs) {
    const day = startOfDay(run.startedMs);
    byDay.set(day, [...(byDay.get(day) ?? []), run]);
  }
  const today = new Date(startOfDay(nowMs));
  const monday = today.getDate() - ((today.getDay() + 6) % 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (__, day) => {
      const date = new Date(today.getFullYear(), today.getMonth(), monday + (week - weeks + 1) * 7 + day);
      return dayOf(date.getTime(), byDay.get(date.getTime()) ?? []);
    }).filter(({ startMs }) => startMs <= nowMs),
  );
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Over each week the month that begins in it, else nothing; the first that is cut off says nothing either. */
export function monthStarts(calendar: readonly (readonly CalendarDay[])[]): readonly string[] {
  return calendar.map((week) => {
    const first = week.find(({ startMs }) => new Date(startMs).getDate() === 1);
    return first === undefined ? '' : (monthNames[new Date(first.startMs).getMonth()] ?? '');
  });
}

function dayOf(startMs: number, runs: readonly Run[]): CalendarDay {
  const good = runs.filter(({ outcome }) => outcome === 'succeeded');
  const isWhole = good.some(({ warnings }) => warnings === 0);
  const isTried = runs.some(({ outcome }) => outcome === 'failed');
  const isPart = good.length > 0 || runs.some(({ outcome }) => outcome === 'incomplete');
  const begun = runs.filter(({ outcome }) => outcome !== 'skipped').length;
  return {
    startMs,
    outcome: isWhole ? 'good' : isPart ? 'warnings' : isTried ? 'failed' : 'none',
    runs: begun,
  };
}

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}
