import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../shared/lib/app-error.ts';
import { boundedCall } from '../../../main/storage/bounded-call.ts';
import { rejectionOf } from '../../helpers/rejection.ts';

describe('boundedCall', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives what the call brings, and leaves no timer behind', async () => {
    const bounds = { limitMs: 1000, signal: undefined, place: '/x' };
    await expect(boundedCall(bounds, async () => await Promise.resolve(7))).resolves.toBe(7);
    await expect(boundedCall(bounds, async () => await Promise.reject(new Error('own')))).rejects.toThrow(
      'own',
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is unavailable when the call hangs, and ignores what comes late', async () => {
    let fail: (error: Error) => void = () => undefined;
    let abandoned: AbortSignal | undefined;
    const call = boundedCall({ limitMs: 120_000, signal: undefined, place: '/mnt/nas' }, async (signal) => {
      abandoned = signal;
      return await new Promise<never>((_resolve, reject) => {
        fail = reject;
      });
    });
    const outcome = rejectionOf(call);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await outcome).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('120 seconds'),
    });
    expect(abandoned?.aborted).toBe(true);
    fail(new Error('late'));
  });

  it('ends at once when it is cancelled, with the reason that was given', async () => {
    const controller = new AbortController();
    const hanging = Promise.withResolvers<void>();
    const call = boundedCall(
      { limitMs: 1000, signal: controller.signal, place: '/x' },
      () => hanging.promise,
    );
    const reason = new AppError('failed', 'the lock was lost');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    hanging.resolve();
    const later = boundedCall(
      { limitMs: 1000, signal: AbortSignal.abort(), place: '/x' },
      () => hanging.promise,
    );
    await expect(later).rejects.toMatchObject({ kind: 'cancelled' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is refused at once while four calls to the place hang, until one of them ends', async () => {
    const bounds = { limitMs: 1000, signal: undefined, place: '/mnt/dead' };
    const hanging = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const outcomes = hanging.map(({ promise }) => rejectionOf(boundedCall(bounds, () => promise)));
    await vi.advanceTimersByTimeAsync(1000);
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ kind: 'unavailable' });
    const run = vi.fn(async () => await Promise.resolve(7));
    await expect(boundedCall(bounds, run)).rejects.toMatchObject({ details: { stalled: true } });
    expect(run).not.toHaveBeenCalled();
    await expect(boundedCall({ ...bounds, place: '/mnt/other' }, run)).resolves.toBe(7);
    hanging[0]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    await expect(boundedCall(bounds, run)).resolves.toBe(7);
    hanging.forEach(({ resolve }) => resolve());
  });
});
