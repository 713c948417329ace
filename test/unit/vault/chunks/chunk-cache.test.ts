import { describe, expect, it } from 'vitest';
import { ChunkCache } from '../../../../main/vault/chunks/chunk-cache.ts';

const idOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);

describe('ChunkCache', () => {
  it('forgets what was not used for longest when it is full', () => {
    const cache = new ChunkCache(300);
    for (const number of [1, 2, 3]) cache.set(idOf(number), Buffer.alloc(100, number));
    cache.get(idOf(1));
    cache.set(idOf(4), Buffer.alloc(100, 4));
    expect([1, 2, 3, 4].map((number) => cache.get(idOf(number))?.[0])).toEqual([1, undefined, 3, 4]);
  });

  it('keeps nothing that is larger than all of it', () => {
    const cache = new ChunkCache(300);
    cache.set(idOf(1), Buffer.alloc(301));
    expect(cache.get(idOf(1))).toBeUndefined();
  });

  it('counts a chunk once that is set again', () => {
    const cache = new ChunkCache(300);
    for (const number of [1, 1, 1, 2]) cache.set(idOf(number), Buffer.alloc(100));
    expect([cache.get(idOf(1))?.length, cache.get(idOf(2))?.length]).toEqual([100, 100]);
  });
});
