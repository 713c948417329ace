import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { batchOf, digests, noise } from '../../../helpers/packed-chunks.ts';
import { newTestVault, readInLease, storeChunks, storeInRun } from '../../../helpers/test-vault.ts';

const mebibyte = 1024 * 1024;

function sixteenMebibytes(seed: number): readonly Buffer[] {
  return Array.from({ length: 16 }, (_, number) => noise(mebibyte, seed * 100 + number));
}

describe('PackedChunkWriter', () => {
  it('writes few packs at once, and lets no more be made while the storage is slow', async () => {
    const storage = new MemoryStorage();
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const { vault } = await newTestVault({ storage });
    storage.onCall = async ({ method, name }) => {
      if (method !== 'put' || !name.startsWith('packs/')) return;
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
    };
    await using writer = await vault.openWriter('test');
    let stored = 0;
    const stores = Array.from({ length: 10 }, async (_, seed) => {
      await storeChunks(writer, sixteenMebibytes(seed), { compress: false });
      stored += 1;
    });
    try {
      await expect.poll(() => running, { timeout: 30_000 }).toBe(3);
      await delay(300);
      // Three packs are being written; what was being made by then is waiting, and nothing more is begun.
      expect(stored).toBeLessThanOrEqual(7);
    } finally {
      gate.resolve();
    }
    await Promise.all(stores);
    await writer.chunks.flush();
    expect(most).toBe(3);
    expect(storage.names('packs/').length).toBeGreaterThanOrEqual(10);
  });

  it('fails everything with the error of the storage, and the next writer begins anew', async () => {
    const storage = new MemoryStorage();
    const { vault } = await newTestVault({ storage });
    storage.onCall = ({ method, name }) => {
      if (method === 'put' && name.startsWith('packs/')) throw new AppError('failed', 'The disk is on fire.');
    };
    {
      await using writer = await vault.openWriter('test');
      await storeChunks(writer, [noise(1000, 1)]);
      await expect(writer.chunks.flush()).rejects.toThrow('The disk is on fire.');
      await expect(storeChunks(writer, [noise(1000, 2)])).rejects.toThrow('The disk is on fire.');
      await expect(writer.chunks.flush()).rejects.toThrow('The disk is on fire.');
    }
    storage.onCall = undefined;
    const { ids, addedBytes } = await storeInRun(vault, [noise(1000, 1)]);
    expect(addedBytes).toBe(1000);
    expect(await readInLease(vault, ids)).toEqual([noise(1000, 1)]);
  });

  it('fails what waits when a thread dies', async () => {
    const { vault } = await newTestVault({ storage: new MemoryStorage() });
    {
      await using writer = await vault.openWriter('test');
      const good = storeChunks(writer, [noise(1000, 1)]);
      // Lengths beyond the buffer: a fault that nobody expects, which ends the thread.
      const fatal = writer.chunks.store({ ...batchOf([noise(10, 1)]), lengths: [11] });
      await expect(fatal).rejects.toMatchObject({ kind: 'failed' });
      await Promise.allSettled([good]);
      await expect(writer.chunks.flush()).rejects.toMatchObject({ kind: 'failed' });
    }
    expect((await storeInRun(vault, [noise(1000, 1)])).addedBytes).toBe(1000);
  });

  it('stops before the storage is full', async () => {
    const gigabyte = 1_000_000_000;
    let freeBytes = 10 * gigabyte;
    const space = async (): Promise<{ freeBytes: number; totalBytes: number }> => ({
      freeBytes,
      totalBytes: 40 * gigabyte,
    });
    const storage = Object.assign(new MemoryStorage(), { space });
    const freeSpace = { shareOfTotal: 0.05, bytes: 1_500_000_000 };
    const { vault } = await newTestVault({ storage, freeSpace });
    expect((await storeInRun(vault, [noise(1000, 1)])).addedBytes).toBe(1000);
    freeBytes = 2 * gigabyte;
    const before = storage.names();
    await using writer = await vault.openWriter('test');
    await storeChunks(writer, [noise(1000, 2)]);
    await expect(writer.chunks.flush()).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('free 1 MB or more there'),
    });
    expect(storage.names('packs/')).toEqual(before.filter((name) => name.startsWith('packs/')));
  });

  it('stores what it was given before a flush also when batches come at the same time', async () => {
    const { vault, reopen } = await newTestVault();
    const chunks = Array.from({ length: 60 }, (_, seed) => noise(200_000 + seed, seed));
    await using writer = await vault.openWriter('test');
    const batches = Array.from({ length: 20 }, (_, number) => chunks.slice(number * 3, number * 3 + 3));
    const stored = await Promise.all(batches.map(async (batch) => await storeChunks(writer, batch)));
    await writer.chunks.flush();
    const ids = stored.flatMap((batch) => batch.ids);
    expect(digests(await readInLease(await reopen(), ids))).toEqual(digests(chunks));
  });

  it.each(['before', 'after'] as const)(
    'loses nothing that was flushed when it dies %s any storage call',
    async (when) => {
      const first = new MemoryStorage();
      const { vault, reopen } = await newTestVault({ storage: first });
      const old = await storeInRun(vault, [noise(1000, 1), noise(2000, 2)]);
      for (let mutation = 1, isDone = false; !isDone; mutation += 1) {
        const storage = first.clone();
        storage.dieAt(mutation, when);
        const dying = await reopen({ storage });
        let flushed: readonly Uint8Array[] = [];
        try {
          await using writer = await dying.openWriter('test');
          const young = await storeChunks(writer, [noise(1000, 1), noise(3000, 3)]);
          await writer.chunks.flush();
          flushed = young.ids;
          isDone = true;
        } catch {
          // The death that the test wants.
        }
        const next = await reopen({ storage: storage.revive() });
        expect((await readInLease(next, [...old.ids, ...flushed])).length).toBe(2 + flushed.length);
        const again = await storeInRun(next, [noise(2000, 2), noise(3000, 3)]);
        expect(digests(await readInLease(next, again.ids))).toEqual(
          digests([noise(2000, 2), noise(3000, 3)]),
        );
      }
    },
  );
});
