import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../../../main/headless/server/rate-limiter.ts';

const limit = { most: 2, withinMs: 10_000 };

describe('RateLimiter', () => {
  it('gives so many in a window, and says how long to wait for the next', () => {
    let nowMs = 1000;
    const limiter = new RateLimiter(() => nowMs);
    expect([limiter.take('a', limit), limiter.take('a', limit)]).toEqual([undefined, undefined]);
    nowMs += 2500;
    expect(limiter.take('a', limit)).toBe(8);
    expect(limiter.take('b', limit)).toBeUndefined();
    nowMs += 7500;
    expect(limiter.take('a', limit)).toBeUndefined();
  });

  it('begins anew when the clock is set back', () => {
    let nowMs = 1_000_000;
    const limiter = new RateLimiter(() => nowMs);
    limiter.take('a', limit);
    limiter.take('a', limit);
    nowMs = 0;
    expect(limiter.take('a', limit)).toBeUndefined();
  });
});
