import { describe, expect, it } from 'vitest';
import { ChunkSealer, packChunk } from '../../../../main/vault/chunks/chunk-sealing.ts';
import type { PackedChunk } from '../../../../main/vault/chunks/pack-record.ts';
import { noise, testRing, text } from '../../../helpers/packed-chunks.ts';

const sealer = new ChunkSealer(testRing().threadKeys);

function sealed(plaintext: Buffer, by = sealer): Readonly<{ bytes: Buffer; chunk: PackedChunk }> {
  const id = by.idOf(plaintext);
  const { parts, ...facts } = by.seal({ id, ...packChunk(plaintext, 1), rawLength: plaintext.length });
  return { bytes: Buffer.concat(parts), chunk: { id, ...facts } };
}

describe('ChunkSealer', () => {
  it.each([
    ['one byte', Buffer.of(7), 'raw'],
    ['noise', noise(100_000, 1), 'raw'],
    ['text', text(100_000, 1), 'zstd'],
    ['the largest chunk', text(4 * 1024 * 1024, 2), 'zstd'],
  ])('opens what it sealed: %s', (_, plaintext, codec) => {
    const { bytes, chunk } = sealed(plaintext);
    expect(chunk.codec).toBe(codec);
    expect(Buffer.from(sealer.open(bytes, chunk)).equals(plaintext)).toBe(true);
    expect(sealer.holds(bytes, chunk, plaintext)).toBe(true);
    expect(sealer.holds(bytes, chunk, Buffer.alloc(plaintext.length))).toBe(false);
  });

  it('seals the same chunk to other bytes each time', () => {
    expect(sealed(noise(100, 1)).bytes.equals(sealed(noise(100, 1)).bytes)).toBe(false);
  });

  it('says damaged for any flipped bit', () => {
    const { bytes, chunk } = sealed(text(2000, 1));
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => sealer.open(flipped, chunk)).toThrow(expect.objectContaining({ kind: 'damaged' }));
    }
  });

  it.each([
    ['id', { id: new Uint8Array(32) }],
    ['codec', { codec: 'raw' as const }],
    ['longer plaintext', { rawLength: 2001 }],
    ['shorter plaintext', { rawLength: 1999 }],
    ['longer seal', { sealedLength: 9000 }],
    ['key', { generation: 2 }],
  ])('says damaged when the footer gives another %s', (_, change) => {
    const { bytes, chunk } = sealed(text(2000, 1));
    expect(() => sealer.open(bytes, { ...chunk, ...change })).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });

  it('opens chunks of older generations, and seals with the newest', () => {
    const old = sealed(noise(1000, 1));
    const rotated = new ChunkSealer(testRing(2).threadKeys);
    const young = sealed(noise(1000, 1), rotated);
    expect(Buffer.from(rotated.open(old.bytes, old.chunk)).equals(noise(1000, 1))).toBe(true);
    expect([old.chunk.generation, young.chunk.generation]).toEqual([1, 2]);
    expect(Buffer.from(young.chunk.id).equals(old.chunk.id)).toBe(false);
  });

  it('finds bytes that were sealed under the id of others by their hash, unless that is left out', () => {
    const id = sealer.idOf(noise(1000, 1));
    const { parts, ...facts } = sealer.seal({ id, packed: noise(1000, 2), codec: 'raw', rawLength: 1000 });
    const [bytes, chunk] = [Buffer.concat(parts), { id, ...facts }];
    expect(() => sealer.open(bytes, chunk)).toThrow(expect.objectContaining({ kind: 'damaged' }));
    expect(Buffer.from(sealer.open(bytes, chunk, 'seal')).equals(noise(1000, 2))).toBe(true);
  });

  it('does not open a chunk of another vault with the same keys', () => {
    const { bytes, chunk } = sealed(noise(1000, 1));
    const other = new ChunkSealer({ ...testRing().threadKeys, vaultId: 'f'.repeat(32) });
    expect(() => other.open(bytes, chunk)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });

  it('unpacks no more than the footer says: a bomb is damage', () => {
    const bomb = Buffer.alloc(64 * 1024 * 1024);
    const { codec, packed } = packChunk(bomb, 1);
    const id = sealer.idOf(Buffer.alloc(1000));
    const { parts, ...facts } = sealer.seal({ id, packed, codec, rawLength: 1000 });
    const stopped = expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' });
    expect(() => sealer.open(Buffer.concat(parts), { id, ...facts })).toThrow(
      expect.objectContaining({ kind: 'damaged', cause: stopped }),
    );
  });

  it('says damaged for bytes that are not those of the id, though they were sealed for it', () => {
    const id = sealer.idOf(noise(1000, 1));
    const { parts, ...facts } = sealer.seal({ id, packed: noise(1000, 2), codec: 'raw', rawLength: 1000 });
    expect(() => sealer.open(Buffer.concat(parts), { id, ...facts })).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });
});
