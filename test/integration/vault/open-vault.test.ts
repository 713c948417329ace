import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rotateMasterKey } from '../../../main/vault/keys/vault-keys.ts';
import { digests, noise, text } from '../../helpers/packed-chunks.ts';
import { namesIn, newTestVault, readInLease, storeChunks, storeInRun } from '../../helpers/test-vault.ts';
import type { TestVault } from '../../helpers/test-vault.ts';

const mebibyte = 1024 * 1024;

async function onlyPack({ storage }: TestVault): Promise<string> {
  const [name = '', ...more] = await namesIn(storage, 'packs/');
  expect(more).toEqual([]);
  return join(storage.location, name);
}

async function flipByte(file: string, position: number): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(position) ^ 255, position);
  await writeFile(file, bytes);
}

describe('openVault', () => {
  it('gives every chunk back as it was stored, in another process too', async () => {
    const test = await newTestVault();
    const chunks = [
      ...Array.from({ length: 12 }, (_, seed) => noise(mebibyte + seed, seed)),
      text(3 * mebibyte, 9),
    ];
    const { ids, storedBytes } = await storeInRun(test.vault, chunks);
    expect(storedBytes).toBeLessThan(12.2 * mebibyte);
    const again = await test.reopen();
    expect(digests(await readInLease(again, ids))).toEqual(digests(chunks));
    expect(digests(await readInLease(again, ids.toReversed()))).toEqual(digests(chunks.toReversed()));
    expect(test.notes).toEqual([]);
  });

  it('stores a chunk once, however often it comes: in a batch, in another, in a later run', async () => {
    const test = await newTestVault();
    const one = noise(50_000, 1);
    const two = noise(50_000, 2);
    {
      await using writer = await test.vault.openWriter('test');
      const batches = await Promise.all([
        storeChunks(writer, [one, two, one]),
        storeChunks(writer, [two, one]),
        storeChunks(writer, [one, one, one]),
      ]);
      expect(batches.reduce((sum, batch) => sum + batch.addedBytes, 0)).toBe(100_000);
      expect(writer.chunks.knows(batches[0].ids[0] ?? new Uint8Array(32))).toEqual(Uint8Array.of(1));
      await writer.chunks.flush();
    }
    const packs = await namesIn(test.storage, 'packs/');
    const later = await storeInRun(await test.reopen(), [two, one]);
    expect([later.addedBytes, later.storedBytes]).toEqual([0, 0]);
    expect(await namesIn(test.storage, 'packs/')).toEqual(packs);
    expect(await namesIn(test.storage, 'index/')).toHaveLength(1);
  });

  it('goes on where an interrupted run was: packs that no index mentions are found', async () => {
    const test = await newTestVault();
    const chunks = Array.from({ length: 24 }, (_, seed) => noise(mebibyte, seed));
    {
      await using writer = await test.vault.openWriter('test');
      // More than a pack holds: the first is written, the rest is lost with the run.
      for (const part of [chunks.slice(0, 12), chunks.slice(12)])
        await storeChunks(writer, part, { compress: false });
      const packs = async (): Promise<number> => (await namesIn(test.storage, 'packs/')).length;
      await expect.poll(packs, { timeout: 30_000 }).toBeGreaterThan(0);
    }
    expect(await namesIn(test.storage, 'index/')).toEqual([]);
    const next = await test.reopen();
    const { ids, addedBytes } = await storeInRun(next, chunks);
    expect(addedBytes).toBeLessThan(24 * mebibyte);
    expect(await namesIn(test.storage, 'index/')).not.toEqual([]);
    expect(digests(await readInLease(await test.reopen(), ids))).toEqual(digests(chunks));
  });

  it('finds chunks through the packs when the whole index is gone', async () => {
    const test = await newTestVault();
    const chunks = [noise(1000, 1), text(5000, 2)];
    const { ids } = await storeInRun(test.vault, chunks);
    await rm(join(test.storage.location, 'index'), { recursive: true });
    expect(await readInLease(await test.reopen(), ids)).toEqual(chunks);
  });

  it.each(['flipped', 'cut off', 'missing'])(
    'never gives wrong bytes of a pack that is %s, and heals when they are stored again',
    async (how) => {
      const test = await newTestVault();
      const chunks = [noise(40_000, 1), noise(40_000, 2)];
      const { ids } = await storeInRun(test.vault, chunks);
      const pack = await onlyPack(test);
      if (how === 'flipped') await flipByte(pack, 50_000);
      else if (how === 'cut off') await writeFile(pack, (await readFile(pack)).subarray(0, 45_000));
      else await rm(pack);
      const again = await test.reopen();
      await expect(readInLease(again, ids)).rejects.toMatchObject({ kind: 'damaged' });
      {
        await using writer = await again.openWriter('test');
        // The size of a pack is seen at once; a flipped byte only by who reads it and tells.
        if (how === 'flipped') await writer.damage.add({ chunks: ids.slice(1), packs: [] });
        const stored = await storeChunks(writer, chunks);
        expect(stored.addedBytes).toBe(how === 'flipped' ? 40_000 : 80_000);
        await writer.chunks.flush();
        expect(writer.damage.isEmpty).toBe(true);
      }
      const healed = await test.reopen();
      expect(await readInLease(healed, ids)).toEqual(chunks);
      expect((await storeInRun(healed, chunks)).addedBytes).toBe(0);
    },
  );

  it('reads what was sealed before and after the master key was rotated, also with keys from before', async () => {
    const test = await newTestVault();
    const before = await storeInRun(test.vault, [noise(1000, 1)]);
    const stale = await test.reopen();
    test.vault.useKeys(await rotateMasterKey(test.storage, test.vault.vaultKeys, { now: 0 }));
    const after = await storeInRun(test.vault, [noise(1000, 1), noise(1000, 2)]);
    expect(after.addedBytes).toBe(2000);
    const ids = [...before.ids, ...after.ids];
    const chunks = [noise(1000, 1), noise(1000, 1), noise(1000, 2)];
    expect(await readInLease(stale, ids)).toEqual(chunks);
    expect(await readInLease(await test.reopen(), ids)).toEqual(chunks);
    expect((await storeInRun(stale, [noise(1000, 2)])).addedBytes).toBe(0);
    expect(test.notes).toEqual([]);
  });

  it('refuses a second writer at once, and readers none', async () => {
    const test = await newTestVault();
    await using writer = await test.vault.openWriter('backup');
    await expect((await test.reopen()).openWriter('backup')).rejects.toMatchObject({ kind: 'busy' });
    const { ids } = await storeChunks(writer, [noise(10, 1)]);
    await writer.chunks.flush();
    expect(await readInLease(await test.reopen(), ids)).toEqual([noise(10, 1)]);
  });

  it('hides what it holds: no plaintext, id or length stands in a pack or an index object', async () => {
    const test = await newTestVault();
    const plaintext = text(300_000, 1);
    const { ids } = await storeInRun(test.vault, [plaintext]);
    const names = [...(await namesIn(test.storage, 'packs/')), ...(await namesIn(test.storage, 'index/'))];
    expect(names).toHaveLength(2);
    for (const name of names) {
      const bytes = await readFile(join(test.storage.location, name));
      for (const secret of [
        plaintext.subarray(0, 16),
        Buffer.from(ids[0] ?? plaintext),
        Buffer.of(0xe0, 0x93, 4, 0),
      ]) {
        expect(bytes.includes(secret)).toBe(false);
      }
    }
  });
});
