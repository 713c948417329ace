import { describe, expect, it } from 'vitest';
import { openingBounds } from '../../../../main/app/windows/window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const at = (x: number, y: number, width = 1000, height = 700) => ({
  bounds: { x, y, width, height },
  isMaximized: false,
});

describe('openingBounds', () => {
  it('opens where it was', () => {
    expect(openingBounds(at(100, 50), [screen])).toEqual({ x: 100, y: 50, width: 1000, height: 700 });
    const second = { ...screen, x: 1920 };
    expect(openingBounds(at(2000, 50), [screen, second])).toMatchObject({ x: 2000, y: 50 });
  });

  it('opens in the middle at first, and where its screen is gone or its bar could not be reached', () => {
    expect(openingBounds(undefined, [screen])).toEqual({ width: 1080, height: 740 });
    for (const away of [at(2000, 50), at(-900, 50), at(1800, 50), at(100, -20), at(100, 1060)]) {
      expect(openingBounds(away, [screen])).toEqual({ width: 1000, height: 700 });
    }
  });

  it('is never smaller than the pages are made for', () => {
    expect(openingBounds(at(0, 0, 10, 10), [screen])).toEqual({ x: 0, y: 0, width: 900, height: 600 });
  });
});
