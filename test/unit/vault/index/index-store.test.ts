import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { newIndex, noise, putPack, testRing } from '../../../helpers/packed-chunks.ts';

const signal = new AbortController().signal;

async function open(
  storage: MemoryStorage,
): Promise<ReturnType<typeof newIndex> & Readonly<{ codes: readonly string[] }>> {
  const opened = newIndex(storage);
  const { notes } = await opened.indexStore.load();
  const more = await opened.indexStore.reconcile();
  return { ...opened, codes: [...notes, ...more].map((note) => note.code) };
}

describe('IndexStore', () => {
  it('finds again what was flushed, without a look at any pack', async () => {
    const storage = new MemoryStorage();
    const { indexStore } = newIndex(storage);
    const pack = await putPack(storage, [noise(5000, 1), noise(300, 2)]);
    indexStore.add(pack);
    await indexStore.flush(signal);
    const again = newIndex(storage);
    storage.onCall = ({ method, name }) => {
      if (method === 'readRange') throw new Error(`read of ${name}`);
    };
    expect((await again.indexStore.load()).hasNews).toBe(true);
    expect(await again.indexStore.reconcile()).toEqual([]);
    expect(pack.ids.map((id) => again.index.isKnown(id))).toEqual([true, true]);
  });

  it('takes in packs that no index object mentions, and writes them down at the next flush', async () => {
    const storage = new MemoryStorage();
    const pack = await putPack(storage, [noise(5000, 1)]);
    const first = await open(storage);
    expect(first.codes).toEqual([]);
    expect(pack.ids.map((id) => first.index.isKnown(id))).toEqual([true]);
    await first.indexStore.flush(signal);
    expect(storage.names('index/')).toHaveLength(1);
    const second = newIndex(storage);
    await second.indexStore.load();
    expect(pack.ids.map((id) => second.index.isKnown(id))).toEqual([true]);
  });

  it.each(['damaged', 'deleted', 'cut off'])(
    'is rebuilt from the packs when an index object was %s',
    async (how) => {
      const storage = new MemoryStorage();
      const writer = newIndex(storage);
      const pack = await putPack(storage, [noise(5000, 1)]);
      writer.indexStore.add(pack);
      await writer.indexStore.flush(signal);
      const [name = ''] = storage.names('index/');
      if (how === 'damaged') storage.flipBit(name, 700);
      else if (how === 'deleted') await storage.delete(name);
      else storage.setBytes(name, storage.bytesOf(name).subarray(0, 600));
      const again = await open(storage);
      expect(again.codes).toEqual(how === 'deleted' ? [] : ['index-damaged']);
      expect(again.index.isKnown(pack.ids[0] ?? new Uint8Array(32))).toBe(true);
      await again.indexStore.flush(signal);
      expect(storage.names('index/')).toHaveLength(1);
      expect(storage.names('index/')).not.toContain(name);
    },
  );

  it('keeps a damaged index object while a pack cannot be read: it may be the key that is missing', async () => {
    const storage = new MemoryStorage();
    const writer = newIndex(storage, testRing(2));
    const pack = await putPack(storage, [noise(5000, 1)], { ring: testRing(2) });
    writer.indexStore.add(pack);
    await writer.indexStore.flush(signal);
    const stale = await open(storage);
    expect(stale.codes).toEqual(['index-damaged', 'pack-damaged']);
    await stale.indexStore.flush(signal);
    expect(storage.names('index/')).toHaveLength(1);
    const current = newIndex(storage, testRing(2));
    await current.indexStore.load();
    expect(current.index.isKnown(pack.ids[0] ?? new Uint8Array(32))).toBe(true);
  });

  it('does not count on packs that are gone or were cut off', async () => {
    const storage = new MemoryStorage();
    const writer = newIndex(storage);
    const gone = await putPack(storage, [noise(5000, 1)]);
    const cut = await putPack(storage, [noise(5000, 2)]);
    const sound = await putPack(storage, [noise(5000, 3)]);
    for (const pack of [gone, cut, sound]) writer.indexStore.add(pack);
    await writer.indexStore.flush(signal);
    await storage.delete(`packs/${gone.id.slice(0, 2)}/${gone.id}`);
    const cutName = `packs/${cut.id.slice(0, 2)}/${cut.id}`;
    storage.setBytes(cutName, storage.bytesOf(cutName).subarray(0, 5000));
    const again = await open(storage);
    expect(again.codes).toEqual(['pack-missing', 'pack-missing']);
    const known = [gone, cut, sound].map((pack) => again.index.isKnown(pack.ids[0] ?? new Uint8Array(32)));
    expect(known).toEqual([false, false, true]);
  });

  it('asks to be flushed when 64 packs wait', async () => {
    const storage = new MemoryStorage();
    const { indexStore } = newIndex(storage);
    const pack = await putPack(storage, [noise(100, 1)]);
    const answers = Array.from({ length: 64 }, () => indexStore.add(pack));
    expect(answers.indexOf(true)).toBe(63);
    await indexStore.flush(signal);
    expect(indexStore.add(pack)).toBe(false);
  });

  it('writes at the next flush what one that failed did not', async () => {
    const storage = new MemoryStorage();
    const { indexStore } = newIndex(storage);
    indexStore.add(await putPack(storage, [noise(100, 1)]));
    storage.onCall = ({ method }) => {
      if (method === 'put') throw new Error('the disk is full');
    };
    await expect(indexStore.flush(signal)).rejects.toThrow('the disk is full');
    storage.onCall = undefined;
    await indexStore.flush(signal);
    expect(storage.names('index/')).toHaveLength(1);
  });

  it('takes deleted packs out of the objects that name them', async () => {
    const storage = new MemoryStorage();
    const packs = await flushMany(storage, 3);
    const [gone, ...rest] = packs;
    const writer = await open(storage);
    await storage.delete(`packs/${gone?.id.slice(0, 2) ?? ''}/${gone?.id ?? ''}`);
    await writer.indexStore.forget(new Set([gone?.id ?? '']), signal);
    const again = await open(storage);
    expect(again.codes).toEqual([]);
    expect(
      again.index
        .packs()
        .map((pack) => pack.id)
        .toSorted(),
    ).toEqual(rest.map((pack) => pack.id).toSorted());
  });

  it('finds nothing missing where another process deleted packs, and the objects that named them', async () => {
    const storage = new MemoryStorage();
    const packs = await flushMany(storage, 3);
    const [gone, lost, left] = packs;
    const reader = await open(storage);
    const writer = await open(storage);
    for (const id of [gone?.id ?? '', lost?.id ?? '']) await storage.delete(`packs/${id.slice(0, 2)}/${id}`);
    await writer.indexStore.forget(new Set([gone?.id ?? '']), signal);
    await reader.indexStore.load();
    expect(await reader.indexStore.reconcile()).toMatchObject([
      { code: 'pack-missing', object: expect.stringContaining(lost?.id ?? '-') },
    ]);
    const states = new Map(reader.index.packs().map(({ id, state }) => [id, state]));
    expect(Object.fromEntries(states)).toEqual({ [lost?.id ?? '']: 'missing', [left?.id ?? '']: 'present' });
  });

  it('does not mention deleted packs any more, though it died before the old objects were deleted', async () => {
    const storage = new MemoryStorage();
    const [gone] = await flushMany(storage, 3);
    const writer = await open(storage);
    // Three packs and their index objects came before.
    storage.dieAt(7, 'after');
    await expect(writer.indexStore.forget(new Set([gone?.id ?? '']), signal)).rejects.toThrow('died');
    const next = storage.revive();
    expect(next.names('index/')).toHaveLength(4);
    const again = newIndex(next);
    await again.indexStore.load();
    expect(again.index.packs().map((pack) => pack.id)).not.toContain(gone?.id);
    expect(again.index.packs()).toHaveLength(2);
  });

  it('names a pack with an unreadable footer and leaves it alone', async () => {
    const storage = new MemoryStorage();
    const pack = await putPack(storage, [noise(5000, 1)]);
    const name = `packs/${pack.id.slice(0, 2)}/${pack.id}`;
    storage.flipBit(name, (pack.size - 100) * 8);
    const again = await open(storage);
    expect(again.codes).toEqual(['pack-damaged']);
    expect(storage.names('packs/')).toEqual([name]);
  });

  it('brings many small index objects together into one', async () => {
    const storage = new MemoryStorage();
    const packs = await flushMany(storage, 16);
    expect(storage.names('index/')).toHaveLength(1);
    const again = newIndex(storage);
    await again.indexStore.load();
    expect(packs.every((pack) => pack.ids.every((id) => again.index.isKnown(id)))).toBe(true);
  });

  it('loses and doubles nothing when it dies at any call of bringing objects together', async () => {
    const before = new MemoryStorage();
    const packs = await flushMany(before, 15);
    const last = await putPack(before, [noise(3000, 99)]);
    const isDone = { value: false };
    for (let mutation = 1; !isDone.value; mutation += 1) {
      const storage = before.clone();
      storage.dieAt(mutation, 'after');
      isDone.value = await diesWhileMerging(storage, last);
      const next = storage.revive();
      const { index, codes, indexStore } = await open(next);
      expect(codes).toEqual([]);
      expect([...packs, last].every((pack) => pack.ids.every((id) => index.copies(id).length === 1))).toBe(
        true,
      );
      await indexStore.flush(signal);
      expect(next.names('index/').length).toBeLessThan(16);
    }
  });
});

async function flushMany(
  storage: MemoryStorage,
  count: number,
): Promise<readonly Awaited<ReturnType<typeof putPack>>[]> {
  const { indexStore, index } = newIndex(storage);
  const packs = [];
  for (let number = 0; number < count; number += 1) {
    const pack = await putPack(storage, [noise(3000, number)]);
    index.addPack(pack);
    indexStore.add(pack);
    await indexStore.flush(signal);
    packs.push(pack);
  }
  return packs;
}

/** True when it did not die. */
async function diesWhileMerging(
  storage: MemoryStorage,
  last: Awaited<ReturnType<typeof putPack>>,
): Promise<boolean> {
  const { indexStore, index } = newIndex(storage);
  try {
    await indexStore.load();
    index.addPack(last);
    indexStore.add(last);
    await indexStore.flush(signal);
    return true;
  } catch {
    // The death that the test wants.
    return false;
  }
}
