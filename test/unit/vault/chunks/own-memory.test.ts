import { describe, expect, it } from 'vitest';
import { inOwnMemory } from '../../../../main/vault/chunks/own-memory.ts';

describe('inOwnMemory', () => {
  it('leaves bytes where they are, when their memory can be transferred', () => {
    const bytes = new Uint8Array(1000).subarray(0, 999);
    const own = inOwnMemory(bytes);
    expect(own.buffer).toBe(bytes.buffer);
    expect([own.byteOffset, own.length]).toEqual([0, 999]);
  });

  it('copies small bytes, whose memory others share', () => {
    const bytes = Buffer.from('shared');
    const own = inOwnMemory(bytes);
    structuredClone(own, { transfer: [own.buffer] });
    expect(bytes.toString()).toBe('shared');
  });
});
