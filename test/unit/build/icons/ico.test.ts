import { describe, expect, it } from 'vitest';
import { icoOf } from '../../../../build/icons/ico.ts';
import type { Picture } from '../../../../build/icons/rasterize.ts';

/** Red at the top left, half green beside it, then blue. */
function picture(size: number): Picture {
  const pixels = new Uint8Array(size * size * 4);
  pixels.set([255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 255]);
  return { size, png: Buffer.from(`png of ${size}`), pixels };
}

describe('an icon file of Windows', () => {
  const ico = icoOf([picture(16), picture(256)]);
  const entry = (index: number): Readonly<{ width: number; content: Buffer }> => {
    const at = 6 + 16 * index;
    const [length, offset] = [ico.readUInt32LE(at + 8), ico.readUInt32LE(at + 12)];
    return { width: ico.readUInt8(at), content: ico.subarray(offset, offset + length) };
  };

  it('names its pictures, and nothing lies behind them', () => {
    expect([ico.readUInt16LE(2), ico.readUInt16LE(4)]).toEqual([1, 2]);
    expect([entry(0).width, entry(1).width]).toEqual([16, 0]);
    expect(6 + 2 * 16 + entry(0).content.length + entry(1).content.length).toBe(ico.length);
  });

  it('holds a small one as a bitmap from its last row up, in the order of Windows', () => {
    const { content } = entry(0);
    expect([content.readUInt32LE(0), content.readInt32LE(4), content.readInt32LE(8)]).toEqual([40, 16, 32]);
    const topRow = content.subarray(40 + 15 * 16 * 4);
    expect([...topRow.subarray(0, 12)]).toEqual([0, 0, 255, 255, 0, 255, 0, 128, 255, 0, 0, 255]);
    // Rows of the mask are filled up to four bytes.
    expect(content.length).toBe(40 + 16 * 16 * 4 + 16 * 4);
  });

  it('holds a large one as it is', () => {
    expect(entry(1).content.toString()).toBe('png of 256');
  });
});
