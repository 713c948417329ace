import { describe, expect, it } from 'vitest';
import { PackedChunkReader } from '../../../../main/vault/chunks/chunk-reader.ts';
import { OpenPool } from '../../../../main/vault/chunks/open-pool.ts';
import type { ChunkIndex } from '../../../../main/vault/index/chunk-index.ts';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { newIndex, noise, putPack, testRing, text } from '../../../helpers/packed-chunks.ts';

function readerOf(
  storage: MemoryStorage,
  index: ChunkIndex,
  refresh: () => Promise<boolean> = async () => false,
): PackedChunkReader {
  return new PackedChunkReader({ storage, index, pool: new OpenPool(testRing().threadKeys), refresh });
}

async function all(chunks: AsyncIterable<Buffer>): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return found;
}

const nameOf = ({ id }: Readonly<{ id: string }>): string => `packs/${id.slice(0, 2)}/${id}`;
const reads = (storage: MemoryStorage): { count: number } => {
  const counter = { count: 0 };
  storage.onCall = ({ method }) => {
    if (method === 'readRange') counter.count += 1;
  };
  return counter;
};

describe('PackedChunkReader', () => {
  it('reads chunks in the order asked for, neighbours in one read', async () => {
    const { storage, index } = memoryIndex();
    const chunks = Array.from({ length: 20 }, (_, seed) =>
      seed % 2 === 0 ? noise(900 + seed, seed) : text(5000, seed),
    );
    const pack = await putPack(storage, chunks);
    index.addPack(pack);
    const counter = reads(storage);
    expect(await all(readerOf(storage, index).readMany(pack.ids))).toEqual(chunks);
    expect(counter.count).toBe(1);
    const backwards = await all(readerOf(storage, index).readMany(pack.ids.toReversed()));
    expect(backwards).toEqual(chunks.toReversed());
  });

  it('reads a chunk twice when it is asked for twice, and one at a time from its memory', async () => {
    const { storage, index } = memoryIndex();
    const pack = await putPack(storage, [noise(900, 1)]);
    index.addPack(pack);
    const [id = new Uint8Array(32)] = pack.ids;
    const reader = readerOf(storage, index);
    expect(await all(reader.readMany([id, id]))).toEqual([noise(900, 1), noise(900, 1)]);
    const counter = reads(storage);
    await reader.read(id);
    await reader.read(id);
    expect(counter.count).toBe(1);
  });

  it('says damaged for a chunk with a flipped bit, and still reads its neighbours', async () => {
    const { storage, index } = memoryIndex();
    const pack = await putPack(storage, [noise(900, 1), noise(900, 2), noise(900, 3)]);
    index.addPack(pack);
    storage.flipBit(nameOf(pack), 1400 * 8);
    const [first, second, third] = pack.ids.map(async (id) => await readerOf(storage, index).read(id));
    await expect(second).rejects.toMatchObject({ kind: 'damaged', details: { packs: [pack.id] } });
    expect([await first, await third]).toEqual([noise(900, 1), noise(900, 3)]);
    await expect(all(readerOf(storage, index).readMany(pack.ids))).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('never gives the bytes of one pack for those of another', async () => {
    const { storage, index } = memoryIndex();
    const one = await putPack(storage, [noise(900, 1)]);
    const other = await putPack(storage, [noise(900, 2)]);
    index.addPack(one);
    index.addPack(other);
    const bytes = storage.bytesOf(nameOf(one));
    storage.setBytes(nameOf(one), storage.bytesOf(nameOf(other)));
    storage.setBytes(nameOf(other), bytes);
    const reader = readerOf(storage, index);
    await expect(reader.read(one.ids[0] ?? noise(32, 1))).rejects.toMatchObject({ kind: 'damaged' });
    await expect(all(reader.readMany(other.ids))).rejects.toMatchObject({ kind: 'damaged' });
  });

  it.each(['damaged', 'gone', 'cut off'])('takes another copy when the first is %s', async (how) => {
    const { storage, index } = memoryIndex();
    const old = await putPack(storage, [noise(900, 1)], { writerGeneration: 1 });
    const young = await putPack(storage, [noise(900, 1)], { writerGeneration: 2 });
    index.addPack(old);
    index.addPack(young);
    if (how === 'damaged') storage.flipBit(nameOf(young), 5000);
    else if (how === 'gone') await storage.delete(nameOf(young));
    else storage.setBytes(nameOf(young), storage.bytesOf(nameOf(young)).subarray(0, 100));
    expect(await all(readerOf(storage, index).readMany(old.ids))).toEqual([noise(900, 1)]);
    expect(await readerOf(storage, index).read(old.ids[0] ?? noise(32, 1))).toEqual(noise(900, 1));
  });

  it('looks for packs once more when a pack was repacked under it', async () => {
    const { storage, index } = memoryIndex();
    const old = await putPack(storage, [noise(900, 1)]);
    index.addPack(old);
    const young = await putPack(storage, [noise(900, 1)], { writerGeneration: 2 });
    await storage.delete(nameOf(old));
    const reader = readerOf(storage, index, async () => {
      index.addPack(young);
      return true;
    });
    expect(await all(reader.readMany(old.ids))).toEqual([noise(900, 1)]);
  });

  it('looks once only when that brings nothing', async () => {
    const { storage, index } = memoryIndex();
    let looks = 0;
    const reader = readerOf(storage, index, async () => {
      looks += 1;
      return false;
    });
    for (const seed of [1, 2, 3]) {
      await expect(reader.read(noise(32, seed))).rejects.toMatchObject({ kind: 'damaged' });
    }
    expect(looks).toBe(1);
  });

  it('reads ahead within bounds, and stops when nobody asks any more', async () => {
    const { storage, index } = memoryIndex();
    const ids: Uint8Array[] = [];
    for (let seed = 0; seed < 24; seed += 1) {
      const pack = await putPack(storage, [text(4 * 1024 * 1024, seed)]);
      index.addPack(pack);
      ids.push(...pack.ids);
    }
    const counter = reads(storage);
    for await (const chunk of readerOf(storage, index).readMany(ids)) {
      expect(chunk.length).toBe(4 * 1024 * 1024);
      break;
    }
    expect(counter.count).toBeLessThanOrEqual(9);
  });

  it('passes on what the storage throws', async () => {
    const { storage, index } = memoryIndex();
    const pack = await putPack(storage, [noise(900, 1)]);
    index.addPack(pack);
    storage.onCall = () => {
      throw new Error('the disk is away');
    };
    await expect(all(readerOf(storage, index).readMany(pack.ids))).rejects.toThrow('the disk is away');
  });
});

function memoryIndex(): Readonly<{ storage: MemoryStorage; index: ChunkIndex }> {
  const storage = new MemoryStorage();
  return { storage, index: newIndex(storage).index };
}
