import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32OfZeros } from '../../../../main/vault/listing/crc32-zeros.ts';

describe('crc32OfZeros', () => {
  it('gives what reading the zeros would give', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(10_000), (head, zeros) => {
        expect(crc32OfZeros(crc32(head), zeros)).toBe(crc32(Buffer.alloc(zeros), crc32(head)));
      }),
    );
  });

  it('adds up over lengths past 2^32', () => {
    const long = 5 * 2 ** 30 + 12_345;
    let crc = crc32(Buffer.from('x'));
    const piece = 2 ** 29;
    for (let at = 0; at < long; at += piece) {
      crc = crc32OfZeros(crc, Math.min(piece, long - at));
    }
    expect(crc32OfZeros(crc32(Buffer.from('x')), long)).toBe(crc);
  });

  it('leaves the CRC as it is for no zeros', () => {
    expect(crc32OfZeros(0x1234_5678, 0)).toBe(0x1234_5678);
  });
});
