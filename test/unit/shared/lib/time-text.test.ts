import { describe, expect, it } from 'vitest';
import { ageText, dayMs, durationText, momentText } from '../../../../shared/lib/time-text.ts';

describe('durationText', () => {
  it('uses the two units that matter', () => {
    const durations = [400, 12_000, 60_000, 200_000, 7_500_000];
    expect(durations.map((ms) => durationText(ms))).toEqual([
      '0.4 s',
      '12 s',
      '1 min',
      '3 min 20 s',
      '2 h 5 min',
    ]);
  });
});

describe('ageText', () => {
  it('says hours up to two days, then days', () => {
    const ages = [1000, 12 * 60_000, 3_600_000, 26 * 3_600_000, 3 * dayMs];
    expect(ages.map((ms) => ageText(ms))).toEqual(['1 second', '12 min', '1 hour', '26 hours', '3 days']);
  });
});

describe('momentText', () => {
  const now = new Date(2026, 10, 22, 16, 0).getTime();

  it('is relative up to a day, then a weekday, then a date', () => {
    // By the calendar: some zone changed its clocks in between.
    const aMonthAgo = new Date(2026, 9, 23, 16, 0).getTime();
    const moments = [now - 30_000, now - 12 * 60_000, now - 2 * dayMs, aMonthAgo];
    expect(moments.map((at) => momentText(at, now))).toEqual([
      'just now',
      '12 min ago',
      'Fri 16:00',
      '2026-10-23 16:00',
    ]);
  });

  it('is just now also by a page whose minute is not over', () => {
    expect(momentText(now + 40_000, now)).toBe('just now');
  });

  it('is just now also by a page whose minute is over, and by a clock that goes some minutes behind', () => {
    expect([61_000, 4 * 60_000].map((ms) => momentText(now + ms, now))).toEqual(['just now', 'just now']);
    expect(momentText(now + 6 * 60_000, now)).toBe('2026-11-22 16:06');
  });

  it('shows a date, when the clock was set back behind it', () => {
    expect(momentText(now + dayMs, now)).toBe('2026-11-23 16:00');
  });

  it('is now, when the clock of the engine goes some seconds before that of the page', () => {
    expect(momentText(now + 2000, now)).toBe('just now');
  });
});
