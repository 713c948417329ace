import { describe, expect, it } from 'vitest';
import type { PackRecord } from '../../../../main/vault/chunks/pack-record.ts';
import { ChunkIndex } from '../../../../main/vault/index/chunk-index.ts';

const idOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);

function pack(
  id: string,
  numbers: readonly number[],
  writerGeneration = 1,
): Readonly<{ id: string; size: number; record: PackRecord }> {
  const chunks = numbers.map((number) => ({
    id: idOf(number),
    sealedLength: 100 + number,
    rawLength: 72 + number,
    generation: 1,
    codec: 'raw' as const,
  }));
  return { id, size: 4096, record: { class: 'data', writerGeneration, chunks } };
}

describe('ChunkIndex', () => {
  it('says where in its pack a chunk lies', () => {
    const index = new ChunkIndex();
    index.addPack(pack('a', [1, 2, 3]));
    expect(index.copies(idOf(3))).toEqual([
      {
        packId: 'a',
        offset: 203,
        chunk: { id: idOf(3), sealedLength: 103, rawLength: 75, generation: 1, codec: 'raw' },
      },
    ]);
    expect(index.lengthOf(idOf(3))).toBe(75);
    expect(index.lengthOf(idOf(4))).toBeUndefined();
  });

  it('does not count on chunks of doomed or missing packs, but still reads them', () => {
    const index = new ChunkIndex();
    index.setDoomed(['a'], true);
    index.addPack(pack('a', [1]));
    index.addPack(pack('b', [2]));
    index.setLost('b', 'missing');
    expect([index.isKnown(idOf(1)), index.isKnown(idOf(2))]).toEqual([false, false]);
    expect([index.copies(idOf(1)).length, index.copies(idOf(2)).length]).toEqual([1, 1]);
  });

  it('prefers the copy of the later writer, and a present one to a doomed one', () => {
    const index = new ChunkIndex();
    index.addPack(pack('old', [1], 4));
    index.addPack(pack('new', [1], 9));
    index.addPack(pack('middle', [1], 5));
    expect(index.copies(idOf(1)).map((copy) => copy.packId)).toEqual(['new', 'middle', 'old']);
    index.setDoomed(['new'], true);
    index.setLost('middle', 'missing');
    expect(index.copies(idOf(1)).map((copy) => copy.packId)).toEqual(['old', 'new', 'middle']);
    expect(index.isKnown(idOf(1))).toBe(true);
  });

  it('keeps what it knows of a pack when the pack is added again', () => {
    const index = new ChunkIndex();
    index.addPack(pack('a', [1]));
    index.addPack(pack('a', [1]));
    expect(index.copies(idOf(1))).toHaveLength(1);
    expect(index.packs()).toHaveLength(1);
  });

  it('knows nothing of a pack that was forgotten, until it is added again', () => {
    const index = new ChunkIndex();
    index.addPack(pack('a', [1, 2]));
    index.addPack(pack('b', [2]));
    index.forget('a');
    expect(index.packs().map(({ id }) => id)).toEqual(['b']);
    expect(index.usage(new Uint8Array(2).fill(1)).map(({ pack: { id } }) => id)).toEqual(['b']);
    expect([index.numberOf(idOf(1)), index.copies(idOf(1)).length, index.isKnown(idOf(1))]).toEqual([
      -1,
      0,
      false,
    ]);
    expect(index.numberOf(idOf(2))).not.toBe(-1);
    expect(index.copies(idOf(2)).map(({ packId }) => packId)).toEqual(['b']);
    index.addPack(pack('a', [1, 2]));
    expect(index.isKnown(idOf(1))).toBe(true);
    expect(index.copies(idOf(1)).map(({ packId }) => packId)).toEqual(['a']);
  });

  it('lets a chunk be claimed once, until the claims are released', () => {
    const index = new ChunkIndex();
    expect([index.claim(idOf(1)), index.claim(idOf(1)), index.isKnown(idOf(1))]).toEqual([true, false, true]);
    index.releaseClaims();
    expect([index.isKnown(idOf(1)), index.claim(idOf(1))]).toEqual([false, true]);
    expect(index.numberOf(idOf(1))).toBe(-1);
  });

  it('has damaged chunks stored once more, then counts on them within the run', () => {
    const index = new ChunkIndex();
    index.addPack(pack('a', [1, 2]));
    index.setDamageList((id) => id[0] === 1);
    expect([index.isKnown(idOf(1)), index.isKnown(idOf(2))]).toEqual([false, true]);
    expect([index.claim(idOf(1)), index.claim(idOf(1))]).toEqual([true, false]);
  });

  it('counts as used only the copy that is read, or all copies while the chunk is damaged', () => {
    const index = new ChunkIndex();
    index.addPack(pack('old', [1, 2], 1));
    index.addPack(pack('new', [1], 2));
    const live = new Uint8Array(index.chunkCount);
    live[index.numberOf(idOf(1))] = 1;
    const used = (): readonly number[] => index.usage(live).map((usage) => usage.liveBytes);
    expect(used()).toEqual([0, 101]);
    expect([index.isNeededIn('old', idOf(1)), index.isNeededIn('new', idOf(1))]).toEqual([false, true]);
    index.setDamageList(() => true);
    expect(used()).toEqual([101, 101]);
    expect(index.isNeededIn('old', idOf(1))).toBe(true);
  });

  it('remembers places, lengths and codecs of more chunks than it began with', () => {
    const index = new ChunkIndex();
    const chunks = Array.from({ length: 3000 }, (_, number) => {
      const id = new Uint8Array(32);
      new DataView(id.buffer).setUint32(0, number);
      const codec = number % 2 === 0 ? ('raw' as const) : ('zstd' as const);
      return {
        id,
        sealedLength: 1000 + number,
        rawLength: 2000 + number,
        generation: 1 + (number % 3),
        codec,
      };
    });
    index.addPack({ id: 'a', size: 1, record: { class: 'meta', writerGeneration: 1, chunks } });
    expect(chunks.map((chunk) => index.copies(chunk.id)[0]?.chunk)).toEqual(chunks);
  });
});
