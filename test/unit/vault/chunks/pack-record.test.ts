import { describe, expect, it } from 'vitest';
import {
  maxPackChunks,
  packRecordBytes,
  readPackRecord,
  writePackRecord,
} from '../../../../main/vault/chunks/pack-record.ts';
import type { PackRecord } from '../../../../main/vault/chunks/pack-record.ts';

const chunk = {
  id: new Uint8Array(32).fill(9),
  sealedLength: 128,
  rawLength: 100,
  generation: 3,
  codec: 'raw' as const,
};
const packed = {
  id: new Uint8Array(32).fill(8),
  sealedLength: 60,
  rawLength: 4000,
  generation: 1,
  codec: 'zstd' as const,
};
const record: PackRecord = { class: 'meta', writerGeneration: 2 ** 40, chunks: [chunk, packed] };

function written(of: PackRecord = record): Buffer {
  const bytes = Buffer.alloc(packRecordBytes(of.chunks.length));
  writePackRecord(of, bytes, 0);
  return bytes;
}

describe('pack record', () => {
  it('is read as it was written', () => {
    const bytes = Buffer.concat([Buffer.alloc(5), written(), Buffer.alloc(100)]);
    const { record: read, end } = readPackRecord(bytes, 5);
    expect(end).toBe(5 + packRecordBytes(2));
    expect(read.chunks.map((each) => ({ ...each, id: new Uint8Array(each.id) }))).toEqual(record.chunks);
    expect([read.class, read.writerGeneration]).toEqual(['meta', 2 ** 40]);
  });

  const chunkAt = 16;
  it.each([
    ['another format', (bytes: Buffer) => bytes.writeUInt16LE(2, 0)],
    ['an unknown class', (bytes: Buffer) => bytes.writeUInt8(2, 2)],
    ['more chunks than bytes', (bytes: Buffer) => bytes.writeUInt32LE(3, 4)],
    ['more chunks than a pack may have', (bytes: Buffer) => bytes.writeUInt32LE(maxPackChunks + 1, 4)],
    ['a huge count', (bytes: Buffer) => bytes.writeUInt32LE(0xffff_ffff, 4)],
    ['a writer generation beyond all numbers', (bytes: Buffer) => bytes.writeUInt32LE(0xffff_ffff, 12)],
    ['a chunk without plaintext', (bytes: Buffer) => bytes.writeUInt32LE(0, chunkAt + 36)],
    [
      'a plaintext above the largest chunk',
      (bytes: Buffer) => bytes.writeUInt32LE(0xffff_ffff, chunkAt + 44 + 36),
    ],
    ['a seal shorter than its overhead', (bytes: Buffer) => bytes.writeUInt32LE(27, chunkAt + 44 + 32)],
    ['a seal longer than a pack', (bytes: Buffer) => bytes.writeUInt32LE(0x7fff_ffff, chunkAt + 32)],
    ['a raw chunk whose lengths differ', (bytes: Buffer) => bytes.writeUInt32LE(129, chunkAt + 32)],
    ['a compressed chunk that did not shrink', (bytes: Buffer) => bytes.writeUInt32LE(32, chunkAt + 44 + 36)],
    ['an unknown codec', (bytes: Buffer) => bytes.writeUInt8(2, chunkAt + 42)],
  ])('is damaged when it has %s', (_, change) => {
    const bytes = written();
    change(bytes);
    expect(() => readPackRecord(bytes, 0)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });

  it('is damaged when it is cut off anywhere', () => {
    const bytes = written();
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readPackRecord(bytes.subarray(0, length), 0)).toThrow(
        expect.objectContaining({ kind: 'damaged' }),
      );
    }
  });

  it('is damaged when its chunks together are larger than a pack', () => {
    const large = { ...chunk, sealedLength: 4 * 1024 * 1024 + 28, rawLength: 4 * 1024 * 1024 };
    expect(() => readPackRecord(written({ ...record, chunks: [large, large, large, large] }), 0)).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });
});
