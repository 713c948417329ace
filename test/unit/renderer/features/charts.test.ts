import { describe, expect, it } from 'vitest';
import {
  calendarOf,
  growthOf,
  lastOf,
  monthStarts,
  savedPercent,
} from '../../../../renderer/features/overview/charts/chart-data.ts';

const at = (text: string): number => new Date(text).getTime();

function runOf(
  startedMs: number,
  more: Readonly<{
    outcome?: 'succeeded' | 'failed' | 'incomplete' | 'skipped';
    bytesStored?: number;
    warnings?: number;
  }> = {},
) {
  return {
    id: startedMs,
    operation: 'backup',
    startedMs,
    finishedMs: startedMs + 2000,
    failedSources: [],
    isRebuilt: false,
    files: 1,
    bytes: 1000,
    bytesAdded: 0,
    bytesStored: 0,
    frozenMs: 0,
    lockedMs: 0,
    warnings: 0,
    outcome: 'succeeded' as const,
    ...more,
  };
}

describe('the growth of the vault', () => {
  it('goes back from its size today by what each backup stored, and passes over failed runs', () => {
    const runs = [
      runOf(3, { bytesStored: 100 }),
      runOf(2, { outcome: 'failed' }),
      runOf(1, { bytesStored: 400 }),
    ];
    expect(growthOf(runs, 500)).toEqual([
      { atMs: 1, sourceBytes: 1000, vaultBytes: 400, durationMs: 2000, wholeBytes: 1000, writtenBytes: 400 },
      { atMs: 3, sourceBytes: 1000, vaultBytes: 500, durationMs: 2000, wholeBytes: 2000, writtenBytes: 500 },
    ]);
  });

  it('is beside what was saved: all backups so far as if each were whole, against what they stored', () => {
    const points = growthOf([runOf(2, { bytesStored: 100 }), runOf(1, { bytesStored: 1010 })], undefined);
    // The first takes more than it holds: there was nothing to share yet.
    expect(points.map((point) => savedPercent(point))).toEqual([0, 44]);
  });

  it('is not known while the vault cannot be asked', () => {
    expect(growthOf([runOf(1)], undefined)[0]?.vaultBytes).toBeUndefined();
  });

  it('is thinned out to what a chart has room for, its ends kept', () => {
    const points = growthOf(
      Array.from({ length: 1000 }, (_, index) => runOf(1000 - index)),
      undefined,
    );
    const thinned = lastOf(points, 120);
    expect(thinned).toHaveLength(120);
    expect([thinned[0]?.atMs, thinned.at(-1)?.atMs]).toEqual([1, 1000]);
  });
});

describe('the calendar of runs', () => {
  it('has whole weeks up to today, Monday first, across a change of the clock', () => {
    const weeks = calendarOf([], 40, at('2026-11-22T12:00:00'));
    expect(weeks).toHaveLength(40);
    expect(weeks.flat()).toHaveLength(280);
    expect(weeks.every(([first]) => new Date(first?.startMs ?? 0).getDay() === 1)).toBe(true);
    expect(weeks.flat().every(({ startMs }) => new Date(startMs).getHours() === 0)).toBe(true);
  });

  it('names each month over the week in which it begins', () => {
    const months = monthStarts(calendarOf([], 9, at('2026-11-22T12:00:00')));
    // The first of October is a Thursday, that of November a Sunday.
    expect(months).toEqual(['', 'Oct', '', '', '', 'Nov', '', '', '']);
  });

  it('calls a day by its best backup, and counts no skipped run', () => {
    const runs = [
      runOf(at('2026-11-22T09:00:00'), { outcome: 'failed' }),
      runOf(at('2026-11-21T09:00:00'), { outcome: 'failed' }),
      runOf(at('2026-11-21T12:00:00')),
      runOf(at('2026-11-20T12:00:00'), { warnings: 2 }),
      runOf(at('2026-11-19T12:00:00'), { outcome: 'skipped' }),
    ];
    const days = calendarOf(runs, 1, at('2026-11-22T12:00:00')).flat();
    expect(days.slice(-4).map(({ outcome, runs: count }) => [outcome, count])).toEqual([
      ['none', 0],
      ['warnings', 1],
      ['good', 2],
      ['failed', 1],
    ]);
  });
});
