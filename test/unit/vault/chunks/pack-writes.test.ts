import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PackWrites } from '../../../../main/vault/chunks/pack-writes.ts';
import type { WrittenPack } from '../../../../main/vault/chunks/pack-writes.ts';
import type { SealedPack } from '../../../../main/vault/chunks/seal-pool.ts';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { noise, packsOf } from '../../../helpers/packed-chunks.ts';

type Given = Readonly<{ sealed: SealedPack; isBack: () => boolean }>;

function packOf(seed: number): Given {
  const [pack] = packsOf([noise(100, seed)]).packs;
  if (pack === undefined) throw new Error('no pack');
  let isBack = false;
  const giveBack = (): void => {
    isBack = true;
  };
  return { sealed: { pack, giveBack }, isBack: () => isBack };
}

/** A storage whose writes of packs end when the test says so. */
function gatedStorage(): Readonly<{ storage: MemoryStorage; running: () => number; letGo: () => void }> {
  const storage = new MemoryStorage();
  const gates: (() => void)[] = [];
  storage.onCall = async ({ method }) => {
    if (method === 'put') await new Promise<void>((resolve) => gates.push(resolve));
  };
  return { storage, running: () => gates.length, letGo: () => gates.shift()?.() };
}

function newWrites(storage: MemoryStorage, signal = new AbortController().signal) {
  const written: WrittenPack[] = [];
  const freeSpace = { shareOfTotal: 0, bytes: 0 };
  return {
    written,
    writes: new PackWrites({ storage, freeSpace, signal, onWritten: (pack) => written.push(pack) }),
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

describe('PackWrites', () => {
  it('begins at most four steps that make packs at once, of many that wait together', async () => {
    const { writes } = newWrites(new MemoryStorage());
    let begun = 0;
    const gate = Promise.withResolvers<void>();
    const steps = Array.from({ length: 9 }, async () =>
      writes.whenThereIsRoom(async () => {
        begun += 1;
        await gate.promise;
      }),
    );
    await settled();
    expect(begun).toBe(4);
    gate.resolve();
    await Promise.all(steps);
    expect(begun).toBe(9);
  });

  it('begins none while three packs are being written, and writes no fourth beside them', async () => {
    const { storage, running, letGo } = gatedStorage();
    const { writes, written } = newWrites(storage);
    for (const seed of [1, 2, 3, 4]) writes.add(packOf(seed).sealed);
    let isBegun = false;
    const step = writes.whenThereIsRoom(async () => {
      isBegun = true;
    });
    await settled();
    expect([running(), isBegun]).toEqual([3, false]);
    letGo();
    await settled();
    expect([running(), isBegun, written.length]).toEqual([3, false, 1]);
    letGo();
    await step;
    letGo();
    letGo();
    await writes.drain();
    expect(written).toHaveLength(4);
  });

  it('gives a body back when its pack is written, and not when writing failed', async () => {
    const good = packOf(1);
    const { writes } = newWrites(new MemoryStorage());
    writes.add(good.sealed);
    await writes.drain();
    expect(good.isBack()).toBe(true);
    const storage = new MemoryStorage();
    storage.onCall = () => {
      throw new Error('the disk is away');
    };
    const bad = packOf(2);
    const failing = newWrites(storage);
    failing.writes.add(bad.sealed);
    await expect(failing.writes.drain()).rejects.toThrow('the disk is away');
    expect(bad.isBack()).toBe(false);
    expect(failing.written).toEqual([]);
  });

  it('wakes whoever waits when the lock is lost', async () => {
    const lock = new AbortController();
    const { storage, letGo } = gatedStorage();
    const { writes } = newWrites(storage, lock.signal);
    for (const seed of [1, 2, 3]) writes.add(packOf(seed).sealed);
    const waiting = Promise.allSettled([writes.drain(), writes.whenThereIsRoom(async () => undefined)]);
    lock.abort(new Error('the lock is lost'));
    const results = await waiting;
    const lost = expect.objectContaining({ message: 'the lock is lost' });
    expect(results).toEqual([
      { status: 'rejected', reason: lost },
      { status: 'rejected', reason: lost },
    ]);
    for (let write = 0; write < 3; write += 1) letGo();
    await writes.close();
  });
});
