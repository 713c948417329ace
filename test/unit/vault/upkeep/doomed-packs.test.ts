import { describe, expect, it } from 'vitest';
import { doomPacks, loadDoomed, releaseDoomed } from '../../../../main/vault/upkeep/doomed-packs.ts';
import { MemoryStorage, ProcessDied } from '../../../fakes/memory-storage.ts';
import { createTestRing } from '../../../fakes/test-ring.ts';

const keys = createTestRing().objectKeys;
const [a, b, c] = ['aa'.repeat(32), 'bb'.repeat(32), 'cc'.repeat(32)] as const;

async function timesIn(storage: MemoryStorage): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries((await loadDoomed(storage, keys)).doomedAtMs);
}

async function createMarks(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await doomPacks(storage, keys, { packs: [a, b], doomedAtMs: 1000 });
  await doomPacks(storage, keys, { packs: [b, c], doomedAtMs: 2000 });
  return storage;
}

describe('doomed packs', () => {
  it('count from the latest mark that names them', async () => {
    const storage = await createMarks();
    expect(await timesIn(storage)).toEqual({ [a]: 1000, [b]: 2000, [c]: 2000 });
    await doomPacks(storage, keys, { packs: [c], doomedAtMs: 500 });
    await doomPacks(storage, keys, { packs: [], doomedAtMs: 9000 });
    expect(await timesIn(storage)).toEqual({ [a]: 1000, [b]: 2000, [c]: 2000 });
    expect(storage.names()).toHaveLength(3);
  });

  it('that are released leave the others marked since when they were', async () => {
    const storage = await createMarks();
    await releaseDoomed(storage, keys, { doomed: await loadDoomed(storage, keys), packs: new Set([b]) });
    expect(await timesIn(storage)).toEqual({ [a]: 1000, [c]: 2000 });
    await releaseDoomed(storage, keys, { doomed: await loadDoomed(storage, keys), packs: new Set([a, c]) });
    expect(storage.names()).toEqual([]);
  });

  it('that are not released stay marked, whenever the process dies', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let mutation = 1; mutation <= 4; mutation += 1) {
        const dying = (await createMarks()).clone();
        const doomed = await loadDoomed(dying, keys);
        dying.dieAt(mutation, when);
        await expect(releaseDoomed(dying, keys, { doomed, packs: new Set([b]) })).rejects.toThrow(
          ProcessDied,
        );
        expect(await timesIn(dying.revive())).toMatchObject({ [a]: 1000, [c]: 2000 });
      }
    }
  });

  it('in a mark with any bit flipped count as not marked, and the mark is named', async () => {
    const storage = await createMarks();
    for (const name of storage.names()) {
      for (let bit = 0; bit < storage.bytesOf(name).length * 8; bit += 13) {
        const changed = storage.clone();
        changed.flipBit(name, bit);
        const { marks, unreadable } = await loadDoomed(changed, keys);
        expect(marks).toHaveLength(1);
        expect(unreadable).toMatchObject([{ object: name }]);
      }
    }
  });
});
