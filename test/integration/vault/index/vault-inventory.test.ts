import { describe, expect, it } from 'vitest';
import { packName } from '../../../../main/vault/chunks/pack-footer.ts';
import type { OpenedVault } from '../../../../main/vault/open-vault.ts';
import type { OpenedWriter } from '../../../../main/vault/opened-writer.ts';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { digests, noise, text } from '../../../helpers/packed-chunks.ts';
import { newTestVault, readInLease, storeInRun } from '../../../helpers/test-vault.ts';

const signal = new AbortController().signal;

type Stored = Readonly<{
  storage: MemoryStorage;
  vault: OpenedVault;
  reopen: Awaited<ReturnType<typeof newTestVault>>['reopen'];
  ids: readonly Uint8Array[];
  packIds: readonly string[];
}>;

/** Each list of chunks in a run of its own, and so in a pack of its own; `packIds` in the same order. */
async function storedPacks(...runs: readonly (readonly Buffer[])[]): Promise<Stored> {
  const storage = new MemoryStorage();
  const { vault, reopen } = await newTestVault({ storage });
  const ids: Uint8Array[] = [];
  const packIds: string[] = [];
  for (const chunks of runs) {
    const before = new Set(storage.names('packs/'));
    ids.push(...(await storeInRun(vault, chunks)).ids);
    const added = storage.names('packs/').filter((name) => !before.has(name));
    packIds.push(...added.map((name) => name.slice('packs/ab/'.length)));
  }
  return { storage, vault, reopen, ids, packIds };
}

function liveMap({ packs }: OpenedWriter, ids: readonly Uint8Array[]): Uint8Array {
  const live = new Uint8Array(packs.chunkCount);
  for (const id of ids) live[packs.numberOf(id)] = 1;
  return live;
}

describe('VaultInventory', () => {
  it('counts what of each pack is used', async () => {
    const { vault, ids, packIds } = await storedPacks([noise(1000, 1), noise(3000, 2)], [noise(500, 3)]);
    await using writer = await vault.openWriter('collect');
    const usage = writer.packs.usage(liveMap(writer, ids.slice(1, 2)));
    expect(
      usage.map((each) => [each.pack.id, each.liveChunks, each.liveBytes, each.pack.chunkBytes]),
    ).toEqual([
      [packIds[0], 1, 3028, 4056],
      [packIds[1], 0, 0, 528],
    ]);
    expect(ids.map((id) => writer.packs.packsOf(id))).toEqual([[packIds[0]], [packIds[0]], [packIds[1]]]);
  });

  it('moves what is used into new packs, from which it is read; the old ones can go', async () => {
    const { storage, vault, reopen, ids, packIds } = await storedPacks(
      [noise(1000, 1), text(90_000, 2)],
      [noise(500, 3), noise(600, 4)],
    );
    const used = ids.slice(1, 3);
    {
      await using writer = await vault.openWriter('collect');
      await writer.packs.repack(packIds, liveMap(writer, used), signal);
      const [fresh] = writer.packs.packsOf(used[0] ?? new Uint8Array(32));
      expect(packIds).not.toContain(fresh);
      writer.packs.setDoomed(packIds, true);
      expect(writer.chunks.knows(Buffer.concat(ids))).toEqual(Uint8Array.of(0, 1, 1, 0));
      for (const id of packIds) await storage.delete(packName(id));
      await writer.packs.forget(packIds, signal);
      expect(writer.chunks.knows(Buffer.concat(ids))).toEqual(Uint8Array.of(0, 1, 1, 0));
    }
    const again = await reopen();
    expect(digests(await readInLease(again, used))).toEqual(digests([text(90_000, 2), noise(500, 3)]));
    await using writer = await again.openWriter('collect');
    expect(writer.packs.packs().map((pack) => pack.state)).toEqual(['present']);
  });

  it('serves readers with an index from before a repacking', async () => {
    const { storage, vault, reopen, ids, packIds } = await storedPacks([noise(1000, 1), noise(2000, 2)]);
    const old = await reopen();
    await using reader = await old.openReader('restore');
    {
      await using writer = await vault.openWriter('collect');
      await writer.packs.repack(packIds, liveMap(writer, ids), signal);
      for (const id of packIds) await storage.delete(packName(id));
      await writer.packs.forget(packIds, signal);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of reader.chunks.readMany(ids)) chunks.push(chunk);
    expect(digests(chunks)).toEqual(digests([noise(1000, 1), noise(2000, 2)]));
  });

  it('leaves a chunk that does not open where it is', async () => {
    const { storage, vault, reopen, ids, packIds } = await storedPacks([noise(1000, 1), noise(2000, 2)]);
    storage.flipBit(packName(packIds[0] ?? ''), 500 * 8);
    {
      await using writer = await vault.openWriter('collect');
      await writer.packs.repack(packIds, liveMap(writer, ids), signal);
      expect(ids.map((id) => writer.packs.packsOf(id)[0] === packIds[0])).toEqual([true, false]);
    }
    const again = await reopen();
    expect(digests(await readInLease(again, ids.slice(1)))).toEqual(digests([noise(2000, 2)]));
    await expect(readInLease(again, ids)).rejects.toMatchObject({ kind: 'damaged' });
  });

  it.each(['before', 'after'] as const)(
    'loses nothing when repacking dies %s any storage call',
    async (when) => {
      const {
        storage: first,
        reopen,
        ids,
        packIds,
      } = await storedPacks([noise(900, 1), noise(800, 2)], [noise(70, 3)]);
      for (let mutation = 1, isDone = false; !isDone; mutation += 1) {
        const storage = first.clone();
        storage.dieAt(mutation, when);
        const dying = await reopen({ storage });
        try {
          await using writer = await dying.openWriter('collect');
          await writer.packs.repack(packIds, liveMap(writer, ids), signal);
          for (const id of packIds) await storage.delete(packName(id));
          await writer.packs.forget(packIds, signal);
          isDone = true;
        } catch {
          // The death that the test wants.
        }
        const next = await reopen({ storage: storage.revive() });
        const expected = digests([noise(900, 1), noise(800, 2), noise(70, 3)]);
        expect(digests(await readInLease(next, ids))).toEqual(expected);
        expect((await storeInRun(next, [noise(900, 1), noise(70, 3)])).addedBytes).toBe(0);
      }
    },
  );

  it('finds nothing wrong with a sound pack', async () => {
    const { storage, vault, packIds } = await storedPacks([noise(1000, 1), text(90_000, 2)]);
    await using reader = await vault.openReader('verify');
    const [packId = ''] = packIds;
    const bytes = storage.bytesOf(packName(packId)).length;
    expect(await reader.packs.checkPack(packId, signal)).toEqual({ packId, bytes, damagedChunks: [] });
  });

  it('finds any flipped byte of a pack, and names the chunks that it concerns', async () => {
    const { storage, vault, ids, packIds } = await storedPacks([noise(1000, 1), noise(2000, 2)]);
    const [packId = ''] = packIds;
    const name = packName(packId);
    const sound = storage.bytesOf(name);
    await using reader = await vault.openReader('verify');
    const secondFrom = 1028;
    const bodyEnd = 1028 + 2028;
    for (let position = 0; position < sound.length; position += 97) {
      storage.setBytes(name, sound);
      storage.flipBit(name, position * 8 + 3);
      const check = await reader.packs.checkPack(packId, signal);
      const concerned = position < secondFrom ? ids.slice(0, 1) : ids.slice(1);
      expect(check.problem).toBeTypeOf('string');
      expect(digests(check.damagedChunks)).toEqual(digests(position < bodyEnd ? concerned : []));
    }
  });

  it.each([
    ['missing', 2],
    ['cut off', 1],
    ['exchanged', 2],
  ])('says what is wrong with a pack that is %s', async (how, damaged) => {
    const { storage, vault, packIds } = await storedPacks([noise(1000, 1), noise(2000, 2)], [noise(500, 3)]);
    const [packId = '', other = ''] = packIds;
    if (how === 'missing') await storage.delete(packName(packId));
    else if (how === 'cut off')
      storage.setBytes(packName(packId), storage.bytesOf(packName(packId)).subarray(0, 1500));
    else storage.setBytes(packName(packId), storage.bytesOf(packName(other)));
    await using reader = await vault.openReader('verify');
    const check = await reader.packs.checkPack(packId, signal);
    expect(check.problem).toBeTypeOf('string');
    expect(check.damagedChunks).toHaveLength(damaged);
  });

  it('tells of damaged index objects and of packs that cannot be read', async () => {
    const { storage, reopen } = await storedPacks([noise(1000, 1)], [noise(500, 3)]);
    const [indexName = ''] = storage.names('index/');
    storage.flipBit(indexName, 900);
    for (const name of storage.names('packs/')) storage.setBytes(name, storage.bytesOf(name).subarray(1));
    const again = await reopen();
    await using reader = await again.openReader('verify');
    const { notes, unreadable } = await reader.packs.load(signal);
    expect(notes.map(({ object }) => object)).toContain(indexName);
    expect(unreadable).toHaveLength(0);
  });
});
