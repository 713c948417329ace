import { describe, expect, it } from 'vitest';
import { durationTicks, tickText } from '../../../../renderer/features/overview/charts/duration-axis.ts';

const hourMs = 3_600_000;
const units: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: hourMs };

/** What a mark says, in ms. */
function meantBy(text: string): number {
  return [...text.matchAll(/([\d.]+) (s|min|h)/gu)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? Number.NaN),
    0,
  );
}

describe('the axis of durations', () => {
  it.each([
    [100, ['0 s', '0.02 s', '0.04 s', '0.06 s', '0.08 s', '0.1 s']],
    [580, ['0 s', '0.2 s', '0.4 s', '0.6 s']],
    [24_000, ['0 s', '5 s', '10 s', '15 s', '20 s', '25 s']],
    [95_000, ['0 s', '20 s', '40 s', '1 min', '1 min 20 s', '1 min 40 s']],
    [2 * hourMs, ['0 s', '30 min', '1 h', '1 h 30 min', '2 h']],
  ])('has marks that fit %i ms', (longestMs, words) => {
    expect(durationTicks(longestMs).map(tickText)).toEqual(words);
  });

  it('says steps that are as even as they are drawn, from nothing to a month', () => {
    for (let longestMs = 1; longestMs < 700 * hourMs; longestMs *= 1.07) {
      const ticks = durationTicks(longestMs);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(longestMs);
      expect(ticks.map((tick) => Math.round(meantBy(tickText(tick))))).toEqual(ticks.map(Math.round));
      const steps = ticks.slice(1).map((tick, index) => Math.round(tick - (ticks[index] ?? 0)));
      expect(new Set(steps).size).toBe(1);
    }
    expect(durationTicks(0)).toHaveLength(2);
  });
});
