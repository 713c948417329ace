import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../../main/vault/listing/byte-writer.ts';
import { ExtentList } from '../../../../main/vault/listing/extent-list.ts';
import { readPageMap, writePageMap } from '../../../../main/vault/listing/page-map.ts';

function extentsOf(...extents: readonly (readonly [number, number, number])[]): ExtentList {
  const list = new ExtentList();
  extents.forEach(([chunk, offset, length]) => {
    list.add(chunk, offset, length);
  });
  return list;
}

function mapBytes(pageSize: number, pageCount: number, extents: ExtentList): Buffer {
  const writer = new ByteWriter(64);
  const hashes = Buffer.from(Array.from({ length: pageCount * 16 }, (_, at) => at % 251));
  writePageMap(writer, { pageSize, pageCount, hashes, extents });
  return Buffer.from(writer.written);
}

describe('page map', () => {
  const lengths = Uint32Array.of(8192, 0, 4096);

  it('gives back pages and extents', () => {
    const extents = extentsOf([2, 0, 4096], [0, 4096, 4096], [0, 0, 4096], [-1, 0, 4096]);
    const map = readPageMap(mapBytes(4096, 4, extents), lengths, 4 * 4096);
    expect(map.pageSize).toBe(4096);
    expect(map.pageCount).toBe(4);
    expect(map.hashes[17]).toBe(17);
    expect(map.extents.toExtents()).toStrictEqual(extents.toExtents());
  });

  it('holds extents without pages too', () => {
    const map = readPageMap(mapBytes(0, 0, extentsOf([0, 0, 100])), lengths, 100);
    expect(map.extents.count).toBe(1);
  });

  it('is refused when it does not make the size, or lies outside of its chunks', () => {
    const refused: readonly (readonly [Buffer, number])[] = [
      [mapBytes(4096, 1, extentsOf([0, 0, 4096])), 4095],
      [mapBytes(4096, 2, extentsOf([0, 0, 4096])), 4096],
      [mapBytes(0, 0, extentsOf([0, 0, 8193])), 8193],
      [mapBytes(0, 0, extentsOf([1, 0, 1])), 1],
      [mapBytes(0, 0, extentsOf([3, 0, 1])), 1],
      [Buffer.concat([mapBytes(0, 0, extentsOf([0, 0, 1])), Buffer.of(0)]), 1],
      [mapBytes(0, 0, extentsOf([0, 0, 1])).subarray(0, -1), 1],
      [Buffer.from('TBPM\x02'), 0],
    ];
    for (const [bytes, size] of refused) {
      expect(() => readPageMap(bytes, lengths, size)).toThrow(expect.objectContaining({ kind: 'damaged' }));
    }
  });
});
