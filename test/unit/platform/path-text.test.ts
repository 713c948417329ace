import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathBytes, pathText } from '../../../main/platform/path-text.ts';

describe('pathText', () => {
  it('shows UTF-8 as it is', () => {
    expect(pathText(Buffer.from('ä/日本/😀 "x"'))).toBe('ä/日本/😀 "x"');
  });

  it.each([
    ['a\nb\r\t', String.raw`a\nb\r\t`],
    ['a\\b', String.raw`a\\b`],
    ['\u001b[2J', String.raw`\x1b[2J`],
    ['\u0085', String.raw`\xc2\x85`],
    ['\u202egnp.exe', String.raw`\xe2\x80\xaegnp.exe`],
  ])('escapes %j, which would move the cursor or mislead', (name, shown) => {
    expect(pathText(Buffer.from(name))).toBe(shown);
  });

  it('escapes the bytes that are no UTF-8 and shows the rest', () => {
    expect(pathText(Buffer.from([0xc3, 0xa4, 0xff, 0x61, 0x0a, 0xe2, 0x82]))).toBe(
      String.raw`ä\xffa\n\xe2\x82`,
    );
  });

  it('gives each name its own text, from which the name comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const name = Buffer.from(bytes);
        expect(pathBytes(pathText(name))).toEqual(name);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const name = Buffer.from(text);
        expect(pathBytes(pathText(name))).toEqual(name);
      }),
    );
  });
});

describe('pathBytes', () => {
  it.each(['a\\', String.raw`a\q`, String.raw`\x4`, String.raw`\xzz`, '\ud800'])(
    'refuses %j as a mistake',
    (text) => {
      expect(() => pathBytes(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );
});
