import { describe, expect, it } from 'vitest';
import { countOf, countText, sizeText } from '../../../../shared/lib/size-text.ts';

describe('sizeText', () => {
  it('shows three figures in decimal units', () => {
    const sizes = [0, 312, 999, 1320, 13_200, 132_000, 1_320_000_000, 5e12];
    expect(sizes.map((size) => sizeText(size))).toEqual([
      '0 B',
      '312 B',
      '999 B',
      '1.32 kB',
      '13.2 kB',
      '132 kB',
      '1.32 GB',
      '5.00 TB',
    ]);
  });

  it('goes to the next unit, when rounding would reach a thousand', () => {
    expect([sizeText(999_499), sizeText(999_600)]).toEqual(['999 kB', '1.00 MB']);
  });
});

describe('countOf', () => {
  it('separates thousands and says one thing in the singular', () => {
    expect([countText(41_200), countText(1_000_000), countOf(1, 'file'), countOf(0, 'file')]).toEqual([
      '41,200',
      '1,000,000',
      '1 file',
      '0 files',
    ]);
  });
});
