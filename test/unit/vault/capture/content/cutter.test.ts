import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cutter, makeGearTable, smallestChunk } from '../../../../../main/vault/capture/content/cutter.ts';
import { maxChunkBytes } from '../../../../../main/vault/chunks/chunk-store.ts';

const gear = makeGearTable(new Uint8Array(32).fill(1));

/** Bytes that look random and are the same in every run. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes.writeInt32LE(Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d), at);
  }
  return bytes;
}

/** Ids of the chunks of `bytes`, which come in pieces of `step`. */
function cut(bytes: Buffer, step: number, table = gear): readonly { id: string; length: number }[] {
  const cutter = new Cutter(table);
  const chunks: { id: string; length: number }[] = [];
  let start = 0;
  const end = (at: number): void => {
    const content = bytes.subarray(start, at);
    chunks.push({ id: createHash('sha1').update(content).digest('hex'), length: content.length });
    start = at;
  };
  for (let at = 0; at < bytes.length;) {
    const to = Math.min(at + step, bytes.length);
    const border = cutter.scan(bytes, at, to);
    if (border !== -1) {
      end(border);
    }
    at = border === -1 ? to : border;
  }
  if (start < bytes.length) {
    end(bytes.length);
  }
  return chunks;
}

describe('Cutter', () => {
  const bytes = noise(24 * 1024 * 1024, 7);

  it('cuts between the smallest and the largest size', () => {
    const chunks = cut(bytes, 1 << 20);
    expect(chunks.length).toBeGreaterThan(10);
    for (const { length } of chunks.slice(0, -1)) {
      expect(length).toBeGreaterThanOrEqual(smallestChunk);
      expect(length).toBeLessThanOrEqual(maxChunkBytes);
    }
  });

  it('finds the same borders however the bytes come', () => {
    const whole = cut(bytes, bytes.length);
    for (const step of [1 << 20, 4096 * 7 + 1, 262_143]) {
      expect(cut(bytes, step)).toStrictEqual(whole);
    }
  });

  it('falls into step again after something was inserted', () => {
    const before = new Set(cut(bytes, 1 << 20).map(({ id }) => id));
    const grown = Buffer.concat([
      bytes.subarray(0, 3_000_000),
      Buffer.from('inserted'),
      bytes.subarray(3_000_000),
    ]);
    const anew = cut(grown, 1 << 20).filter(({ id }) => !before.has(id));
    expect(anew.length).toBeLessThanOrEqual(3);
  });

  it('cuts at the largest size where the content has no border', () => {
    const zeros = cut(Buffer.alloc(10 * 1024 * 1024), 1 << 20);
    expect(zeros.map(({ length }) => length).slice(0, 2)).toStrictEqual([maxChunkBytes, maxChunkBytes]);
  });

  it('cuts elsewhere with another key', () => {
    const other = cut(bytes, 1 << 20, makeGearTable(new Uint8Array(32).fill(2)));
    expect(other).not.toStrictEqual(cut(bytes, 1 << 20));
  });
});
