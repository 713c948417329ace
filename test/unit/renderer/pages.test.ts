import { describe, expect, it } from 'vitest';
import { addressOf, routeOf } from '../../../renderer/app/routes.ts';
import { rateOf, sampled } from '../../../renderer/client/progress-rate.ts';
import { daysOf } from '../../../renderer/features/overview/coverage-days.ts';

describe('routeOf', () => {
  it('finds the page and what it is to show, and leads to the overview for anything else', () => {
    expect(routeOf(addressOf('activity', { severity: 'error' }))).toMatchObject({ page: 'activity' });
    expect(routeOf('#/activity?severity=error').parameters.get('severity')).toBe('error');
    for (const hash of ['', '#', '#/', '#/nowhere', '#/../activity', '#/__proto__']) {
      expect(routeOf(hash).page).toBe('overview');
    }
  });
});

describe('rateOf', () => {
  it('tells units a second over the last ten seconds of one phase', () => {
    let samples = sampled([], { atMs: 0, done: 0, phase: 'files' });
    expect(rateOf(samples)).toBeUndefined();
    for (const second of [1, 2, 3]) {
      samples = sampled(samples, { atMs: second * 1000, done: second * 500, phase: 'files' });
    }
    expect(rateOf(samples)).toBe(500);
    // It stood still for long: what was fast before says nothing any more.
    samples = sampled(samples, { atMs: 13_500, done: 1500, phase: 'files' });
    expect(rateOf(samples)).toBeUndefined();
    samples = sampled(samples, { atMs: 20_000, done: 10, phase: 'database' });
    expect(samples).toHaveLength(1);
  });
});

const counts = {
  files: 1,
  bytes: 1,
  bytesAdded: 1,
  bytesStored: 1,
  frozenMs: 0,
  lockedMs: 0,
  agents: [],
  runId: 1,
};

describe('daysOf', () => {
  const noon = new Date(2026, 2, 30, 12).getTime();

  it('lets one good backup make a day good, and tells warnings, failures and empty days apart', () => {
    const at = (daysAgo: number, hour: number): number => new Date(2026, 2, 30 - daysAgo, hour).getTime();
    const run = { source: 'persistence', warnings: 0, ...counts };
    const days = daysOf(
      [
        { ...run, outcome: 'failed', startedMs: at(0, 1) },
        { ...run, outcome: 'succeeded', startedMs: at(0, 0) },
        { ...run, outcome: 'succeeded', warnings: 2, startedMs: at(1, 23) },
        { ...run, outcome: 'failed', startedMs: at(2, 5) },
        { ...run, outcome: 'skipped', startedMs: at(3, 5) },
      ],
      5,
      noon,
    );
    expect(days.map(({ outcome }) => outcome)).toEqual(['none', 'none', 'failed', 'warnings', 'good']);
  });

  it('has each day of the calendar once, also where clocks are changed', () => {
    const days = daysOf([], 366, noon);
    const dates = days.map(({ startMs }) => new Date(startMs).toDateString());
    expect(new Set(dates).size).toBe(366);
    expect(days.every(({ startMs }) => new Date(startMs).getHours() === 0)).toBe(true);
  });
});
