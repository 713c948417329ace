import { describe, expect, it } from 'vitest';
import { icnsOf, icnsSizes } from '../../../../build/icons/icns.ts';

describe('an icon file of macOS', () => {
  it('holds a picture of the right size under each type, and says its own length', () => {
    const pictures = icnsSizes.map((size) => ({
      size,
      png: Buffer.from(`png of ${size}`),
      pixels: new Uint8Array(),
    }));
    const icns = icnsOf(pictures);
    expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length]);
    const found = new Map<string, string>();
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      found.set(
        icns.toString('latin1', at, at + 4),
        icns.toString('latin1', at + 8, at + icns.readUInt32BE(at + 4)),
      );
    }
    expect(found.get('icp4')).toBe('png of 16');
    expect(found.get('ic11')).toBe('png of 32');
    expect(found.get('ic07')).toBe('png of 128');
    expect(found.get('ic10')).toBe('png of 1024');
    expect(found.size).toBe(10);
  });
});
