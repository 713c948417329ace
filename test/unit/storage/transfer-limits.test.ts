import { describe, expect, it } from 'vitest';
import { TransferLimits } from '../../../main/storage/transfer-limits.ts';
import type { TransferRates } from '../../../main/storage/transfer-limits.ts';

const going = new AbortController().signal;

/** Time that passes only while somebody sleeps. */
function limitsWithClock(rates: TransferRates): Readonly<{ limits: TransferLimits; nowMs: () => number }> {
  let nowMs = 1000;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
    await Promise.resolve();
  };
  return { limits: new TransferLimits(rates, { now: () => nowMs, sleep }), nowMs: () => nowMs };
}

describe('TransferLimits', () => {
  it('lets bytes through at their rate, each direction for itself', async () => {
    const { limits, nowMs } = limitsWithClock({ uploadBytesPerSecond: 1000, parallel: 4 });
    for (let at = 0; at < 10; at += 1) await limits.pass('upload', 500, going);
    expect(nowMs()).toBe(1000 + 9 * 500);
    await limits.pass('download', 10_000_000, going);
    expect(nowMs()).toBe(1000 + 9 * 500);
  });

  it('takes another rate at once', async () => {
    const { limits, nowMs } = limitsWithClock({ uploadBytesPerSecond: 1, parallel: 4 });
    await limits.pass('upload', 1000, going);
    limits.set({ parallel: 4 });
    await limits.pass('upload', 1000, going);
    expect(nowMs()).toBe(1000);
  });

  it('lets those go on who wait by a rate that is lifted', async () => {
    const limits = new TransferLimits({ downloadBytesPerSecond: 1, parallel: 4 });
    await limits.pass('download', 1_000_000, going);
    const waiting = limits.pass('download', 1, going);
    limits.set({ parallel: 4 });
    await expect(waiting).resolves.toBeUndefined();
  });

  it('runs no more at once than it may, and more when it may', async () => {
    const limits = new TransferLimits({ parallel: 2 });
    let running = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const transfer = async (): Promise<void> =>
      await limits.inTurn(undefined, async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => ends.push(resolve));
        running -= 1;
      });
    const all = Array.from({ length: 6 }, transfer);
    await Promise.resolve();
    expect(running).toBe(2);
    limits.set({ parallel: 3 });
    while (ends.length < 3) await Promise.resolve();
    expect(running).toBe(3);
    for (let ended = 0; ended < 6; ended += 1) {
      while (ends.length === 0) await Promise.resolve();
      ends.shift()?.();
    }
    await Promise.all(all);
    expect(most).toBe(3);
  });

  it('gives up a turn whose signal ends it, and loses none', async () => {
    const limits = new TransferLimits({ parallel: 1 });
    let end = (): void => undefined;
    const first = limits.inTurn(undefined, async () => await new Promise<void>((resolve) => (end = resolve)));
    const cancel = new AbortController();
    const second = limits.inTurn(cancel.signal, async () => await Promise.resolve('second'));
    const third = limits.inTurn(undefined, async () => await Promise.resolve('third'));
    cancel.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    end();
    await first;
    expect(await third).toBe('third');
  });
});
