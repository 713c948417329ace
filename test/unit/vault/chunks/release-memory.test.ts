import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { releaseMemory } from '../../../../main/vault/chunks/release-memory.ts';

describe('releaseMemory', () => {
  it('empties a large buffer', () => {
    const bytes = new Uint8Array(1024 * 1024);
    releaseMemory(bytes.subarray(0, 10));
    expect([bytes.length, bytes.buffer.byteLength]).toEqual([0, 0]);
  });

  it('leaves the buffer alone that small results share', () => {
    const neighbour = Buffer.from('shared');
    for (const small of [Buffer.allocUnsafe(10), randomBytes(16), Buffer.concat([Buffer.alloc(100)])]) {
      releaseMemory(small);
      expect(small.buffer.byteLength).toBeGreaterThan(0);
    }
    expect(neighbour.toString()).toBe('shared');
  });
});
