import { describe, expect, it } from 'vitest';
import { decodeIndex, encodeIndex } from '../../../../main/vault/index/index-object.ts';
import { noise, packBytes, packsOf } from '../../../helpers/packed-chunks.ts';

const [built] = packsOf([noise(100, 1), noise(200, 2)]).packs;
if (built === undefined) throw new Error('no pack');
const pack = { id: built.id, size: packBytes(built).length, record: built.record };
const names = ['0123456789abcdef'.repeat(2), 'f'.repeat(32)];

function encoded(): Buffer {
  return encodeIndex({ supersedes: names, packs: [pack, pack] });
}

describe('index object', () => {
  it('is read as it was written, as often as asked', () => {
    const { supersedes, packIds, packs } = decodeIndex(encoded());
    expect([supersedes, packIds]).toEqual([names, [pack.id, pack.id]]);
    for (const read of [...packs(), ...packs()]) {
      const chunks = read.record.chunks.map((chunk) => ({ ...chunk, id: new Uint8Array(chunk.id) }));
      expect({ ...read, record: { ...read.record, chunks } }).toEqual(pack);
    }
  });

  it('may be empty', () => {
    const { supersedes, packIds } = decodeIndex(encodeIndex({ supersedes: [], packs: [] }));
    expect([supersedes, packIds]).toEqual([[], []]);
  });

  const packAt = 16 + 32;
  it.each([
    ['another format', (bytes: Buffer) => bytes.writeUInt16LE(2, 0)],
    ['more names than bytes', (bytes: Buffer) => bytes.writeUInt32LE(90_000, 4)],
    ['a huge number of names', (bytes: Buffer) => bytes.writeUInt32LE(0xffff_ffff, 4)],
    ['more packs than bytes', (bytes: Buffer) => bytes.writeUInt32LE(3000, 8)],
    ['a huge number of packs', (bytes: Buffer) => bytes.writeUInt32LE(0xffff_ffff, 8)],
    ['a pack smaller than its chunks', (bytes: Buffer) => bytes.writeUInt32LE(200, packAt + 32)],
    ['a pack larger than any', (bytes: Buffer) => bytes.writeUInt32LE(0x7fff_ffff, packAt + 32)],
    [
      'a record with an impossible length',
      (bytes: Buffer) => bytes.writeUInt32LE(0xffff_ffff, packAt + 40 + 16 + 36),
    ],
  ])('is damaged when it has %s', (_, change) => {
    const bytes = encoded();
    change(bytes);
    expect(() => decodeIndex(bytes)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });

  it('is damaged when it is cut off anywhere', () => {
    const bytes = encoded();
    const used = 16 + 32 + 2 * (40 + 16 + 2 * 44);
    for (let length = 0; length < used; length += 1) {
      expect(() => decodeIndex(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ kind: 'damaged' }),
      );
    }
    expect(decodeIndex(bytes.subarray(0, used)).packIds).toHaveLength(2);
  });
});
