import { describe, expect, it } from 'vitest';
import { nextIndex, rowsInSight } from '../../../../../renderer/ui/lists/fixed-rows.ts';

const view = { rowHeight: 32, viewHeight: 320 };

describe('rowsInSight', () => {
  it('shows all of a few rows, and nothing where there are none', () => {
    expect(rowsInSight({ ...view, count: 3 }, 0)).toMatchObject({ innerHeight: 96, first: 0, last: 2 });
    expect(rowsInSight({ ...view, count: 0 }, 0)).toMatchObject({ innerHeight: 0, first: 0, last: -1 });
  });

  it('lays rows out one below the other, wherever it is scrolled to', () => {
    const sight = rowsInSight({ ...view, count: 1000 }, 3210);
    expect([sight.first, sight.last, sight.topOf(100)]).toEqual([100, 110, 3200]);
  });

  it.each([1000, 1_000_000, 50_000_000])('reaches both ends of %i rows', (count) => {
    const { innerHeight } = rowsInSight({ ...view, count }, 0);
    expect(innerHeight).toBeLessThanOrEqual(16_000_000);
    const end = rowsInSight({ ...view, count }, innerHeight - view.viewHeight);
    expect(end.last).toBe(count - 1);
    expect(Math.round(end.topOf(count - 1) + view.rowHeight)).toBe(innerHeight);
  });

  it.each([0, 7, 500_000, 999_999])(
    'scrolls to row %i of a million so that all of it is in sight',
    (index) => {
      const rows = { ...view, count: 1_000_000 };
      for (const from of [0, 8_000_000, 15_999_680]) {
        const scrolled = rowsInSight(rows, from).scrollTopFor(index);
        const top = rowsInSight(rows, scrolled).topOf(index);
        expect(top).toBeGreaterThanOrEqual(scrolled - 0.01);
        expect(top + view.rowHeight).toBeLessThanOrEqual(scrolled + view.viewHeight + 0.01);
      }
    },
  );

  it('leaves the bar where it is for a row in sight', () => {
    expect(rowsInSight({ ...view, count: 1000 }, 3200).scrollTopFor(104)).toBe(3200);
  });
});

describe('nextIndex', () => {
  it('stays within the rows', () => {
    const place = { active: 1, count: 3, inSight: 10 };
    const keys = ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', 'a'];
    expect(keys.map((key) => nextIndex(key, place))).toEqual([2, 0, 2, 0, 0, 2, undefined]);
  });
});
