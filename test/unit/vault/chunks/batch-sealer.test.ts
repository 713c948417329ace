import { describe, expect, it } from 'vitest';
import { BatchSealer } from '../../../../main/vault/chunks/batch-sealer.ts';
import { ChunkSealer } from '../../../../main/vault/chunks/chunk-sealing.ts';
import type { BuiltPack } from '../../../../main/vault/chunks/pack-builder.ts';
import { maxPackBodyBytes } from '../../../../main/vault/chunks/pack-record.ts';
import { batchOf, digests, noise, testRing, text } from '../../../helpers/packed-chunks.ts';

const ring = testRing();
const mebibyte = 1024 * 1024;

function newSealer(): Readonly<{ sealer: BatchSealer; packs: BuiltPack[] }> {
  const packs: BuiltPack[] = [];
  const settings = { keys: ring.threadKeys, objectKeys: ring.objectKeys, writerGeneration: 5, level: 1 };
  return { sealer: new BatchSealer(settings, (pack) => packs.push(pack)), packs };
}

function opened(pack: BuiltPack): readonly Buffer[] {
  const chunkSealer = new ChunkSealer(ring.threadKeys);
  let offset = 0;
  return pack.record.chunks.map((chunk) => {
    const sealed = new Uint8Array(pack.body, offset, chunk.sealedLength);
    offset += chunk.sealedLength;
    return Buffer.from(chunkSealer.open(sealed, chunk));
  });
}

describe('BatchSealer', () => {
  it('seals only what is wanted, and says what it takes', () => {
    const { sealer, packs } = newSealer();
    const chunks = [noise(1000, 1), text(5000, 2), noise(2000, 3)];
    sealer.identify(1, batchOf(chunks));
    const storedBytes = sealer.seal(1, Uint8Array.of(0, 1, 1));
    sealer.finish();
    expect(packs.flatMap(opened)).toEqual([chunks[1], chunks[2]]);
    expect(storedBytes).toBe(packs[0]?.record.chunks.reduce((sum, chunk) => sum + chunk.sealedLength, 0));
    expect(storedBytes).toBeLessThan(3000);
  });

  it('leaves everything as it is when nothing is to be compressed', () => {
    const { sealer, packs } = newSealer();
    sealer.identify(1, batchOf([text(5000, 1)], { compress: false }));
    sealer.seal(1, Uint8Array.of(1));
    sealer.finish();
    expect(packs[0]?.record.chunks[0]).toMatchObject({ codec: 'raw', rawLength: 5000 });
  });

  it('keeps data and listings in packs of their own', () => {
    const { sealer, packs } = newSealer();
    sealer.identify(1, batchOf([noise(1000, 1)], { class: 'data' }));
    sealer.identify(2, batchOf([noise(1000, 2)], { class: 'meta' }));
    sealer.seal(2, Uint8Array.of(1));
    sealer.seal(1, Uint8Array.of(1));
    sealer.finish();
    expect(packs.map((pack) => [pack.record.class, pack.record.chunks.length])).toEqual([
      ['meta', 1],
      ['data', 1],
    ]);
  });

  it('closes a pack before it grows above its size, and uses bodies again that were given back', () => {
    const { sealer, packs } = newSealer();
    const body = new SharedArrayBuffer(maxPackBodyBytes);
    sealer.reuse(body);
    const chunks = Array.from({ length: 5 }, (_, seed) => noise(4 * mebibyte, seed));
    sealer.identify(1, batchOf(chunks));
    sealer.seal(1, new Uint8Array(5).fill(1));
    expect(packs.map((pack) => [pack.body === body, pack.record.chunks.length])).toEqual([[true, 3]]);
    sealer.finish();
    expect(packs.map((pack) => pack.record.chunks.length)).toEqual([3, 2]);
    expect(digests(packs.flatMap(opened))).toEqual(digests(chunks));
  });

  it('makes no pack of nothing', () => {
    const { sealer, packs } = newSealer();
    sealer.identify(1, batchOf([noise(10, 1)]));
    sealer.seal(1, Uint8Array.of(0));
    sealer.finish();
    sealer.finish();
    expect(packs).toEqual([]);
  });
});
