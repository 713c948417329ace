import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { within } from '../../../main/platform/within.ts';
import { rejectionOf } from '../../helpers/rejection.ts';

describe('within', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives what ends in time, well or not, and leaves no timer behind', async () => {
    expect(await within(1000, Promise.resolve(7))).toBe(7);
    expect(await rejectionOf(within(1000, Promise.reject(new Error('own'))))).toEqual(new Error('own'));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends without what takes longer, whatever comes of that', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const waited = within(1000, promise);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await waited).toBeUndefined();
    reject(new Error('late'));
    expect(vi.getTimerCount()).toBe(0);
  });
});
