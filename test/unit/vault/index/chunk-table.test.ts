import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ChunkTable } from '../../../../main/vault/index/chunk-table.ts';

const idOf = (number: number): Uint8Array => createHash('sha256').update(String(number)).digest();

describe('ChunkTable', () => {
  it('finds every id again by the number it was given, through several growths', () => {
    const table = new ChunkTable();
    for (let number = 0; number < 5000; number += 1) {
      expect(table.add(idOf(number))).toBe(number);
    }
    const found = Array.from({ length: 5000 }, (_, number) => table.find(idOf(number)));
    expect(found).toEqual(Array.from({ length: 5000 }, (_, number) => number));
    expect(Buffer.from(table.idAt(4321)).equals(idOf(4321))).toBe(true);
    expect(table.size).toBe(5000);
  });

  it('does not find an id that shares its first bytes with another', () => {
    const table = new ChunkTable();
    const id = idOf(1);
    const similar = new Uint8Array(id);
    similar[31] = (similar[31] ?? 0) ^ 1;
    table.add(id);
    expect(table.find(similar)).toBe(-1);
    expect(table.add(similar)).toBe(1);
    expect([table.find(id), table.find(similar)]).toEqual([0, 1]);
  });

  it('gives the same number when an id is added again, also from within a longer row of ids', () => {
    const table = new ChunkTable();
    const row = Buffer.concat([idOf(1), idOf(2), idOf(3)]);
    expect([table.add(row, 32), table.add(row, 64), table.add(idOf(2))]).toEqual([0, 1, 0]);
    expect(table.find(row, 0)).toBe(-1);
  });
});
