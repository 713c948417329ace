import { describe, expect, it } from 'vitest';
import { DamageList } from '../../../../main/vault/upkeep/damage-list.ts';
import { MemoryStorage, ProcessDied } from '../../../fakes/memory-storage.ts';
import { testChunkId } from '../../../fakes/test-manifest.ts';
import { createTestRing } from '../../../fakes/test-ring.ts';

const keys = createTestRing().objectKeys;
const [a, b, c] = ['a', 'b', 'c'].map((name) => testChunkId(name));
const pack = 'ab'.repeat(32);
const chunks = (...ids: readonly (Buffer | undefined)[]): Buffer[] => ids.filter((id) => id !== undefined);
const names = (list: DamageList): string[] =>
  list
    .contents()
    .chunks.map((id) => Buffer.from(id).toString('hex'))
    .toSorted();
const hex = (...ids: readonly (Buffer | undefined)[]): string[] =>
  chunks(...ids)
    .map((id) => id.toString('hex'))
    .toSorted();

async function createList(): Promise<{ storage: MemoryStorage; list: DamageList }> {
  const storage = new MemoryStorage();
  return { storage, list: await DamageList.load(storage, keys) };
}

describe('damage list', () => {
  it('is the union of what verify runs added at once, and is read again', async () => {
    const { storage, list } = await createList();
    const other = await DamageList.load(storage, keys);
    await list.add({ chunks: chunks(a), packs: [pack] });
    await other.add({ chunks: chunks(a, b), packs: [] });
    const again = await DamageList.load(storage, keys);
    expect(names(again)).toEqual(hex(a, b));
    expect(again.hasPack(pack)).toBe(true);
    expect(chunks(a, b, c).map((id) => again.has(id))).toEqual([true, true, false]);
    expect(again.problems).toEqual([]);
  });

  it('writes nothing for what it holds already', async () => {
    const { storage, list } = await createList();
    await list.add({ chunks: chunks(a), packs: [pack] });
    await list.add({ chunks: chunks(a), packs: [pack] });
    expect(storage.names()).toHaveLength(1);
  });

  it('takes out what is healed and keeps what another added meanwhile', async () => {
    const { storage, list } = await createList();
    await list.add({ chunks: chunks(a, b), packs: [pack] });
    const other = await DamageList.load(storage, keys);
    await other.add({ chunks: chunks(c), packs: [] });
    await list.remove({ chunks: chunks(a), packs: [pack] });
    expect(names(list)).toEqual(hex(b));
    expect(names(await DamageList.load(storage, keys))).toEqual(hex(b, c));
    const last = await DamageList.load(storage, keys);
    await last.remove({ chunks: chunks(b, c), packs: [] });
    expect(last.isEmpty).toBe(true);
    expect(storage.names()).toEqual([]);
  });

  it('never forgets what is still damaged, whenever the process dies', async () => {
    for (const when of ['before', 'after'] as const) {
      for (const mutation of [1, 2, 3]) {
        const { storage } = await createList();
        for (const id of chunks(a, b))
          await (await DamageList.load(storage, keys)).add({ chunks: [id], packs: [] });
        const dying = storage.clone();
        const list = await DamageList.load(dying, keys);
        dying.dieAt(mutation, when);
        await expect(list.remove({ chunks: chunks(a), packs: [] })).rejects.toThrow(ProcessDied);
        expect(names(await DamageList.load(dying.revive(), keys))).toEqual(expect.arrayContaining(hex(b)));
      }
    }
  });

  it('is whole for a reader who loads it while the writer takes something out', async () => {
    const { storage, list } = await createList();
    await list.add({ chunks: chunks(a, b), packs: [] });
    let isFirst = true;
    storage.onCall = async ({ method }) => {
      if (method !== 'read' || !isFirst) return;
      isFirst = false;
      await list.remove({ chunks: chunks(a), packs: [] });
    };
    expect(names(await DamageList.load(storage, keys))).toEqual(hex(b));
  });

  it('says it when a part of it is damaged, whatever bit it is, and goes on with the rest', async () => {
    const { storage, list } = await createList();
    await list.add({ chunks: chunks(a), packs: [] });
    const [first = ''] = storage.names();
    await list.add({ chunks: chunks(b), packs: [] });
    for (let bit = 0; bit < storage.bytesOf(first).length * 8; bit += 3) {
      const changed = storage.clone();
      changed.flipBit(first, bit);
      const loaded = await DamageList.load(changed, keys);
      expect(loaded.problems).toHaveLength(1);
      expect(names(loaded)).toEqual(hex(b));
    }
    storage.flipBit(first, 5);
    const loaded = await DamageList.load(storage, keys);
    await loaded.rewrite();
    const rewritten = await DamageList.load(storage, keys);
    expect(rewritten.problems).toEqual([]);
    expect(names(rewritten)).toEqual(hex(b));
  });
});
