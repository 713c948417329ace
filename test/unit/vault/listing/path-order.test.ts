import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparePaths,
  isCleanPath,
  isWithin,
  parentLength,
} from '../../../../main/vault/listing/path-order.ts';

function compare(left: Buffer, right: Buffer): number {
  return Math.sign(comparePaths(left, left.length, right, right.length));
}

/** The order by components, as its definition says. */
function compareByComponents(left: Buffer, right: Buffer): number {
  const a = left.toString('latin1').split('/');
  const b = right.toString('latin1').split('/');
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = Buffer.compare(Buffer.from(a[at] ?? '', 'latin1'), Buffer.from(b[at] ?? '', 'latin1'));
    if (order !== 0) {
      return order;
    }
  }
  return Math.sign(a.length - b.length);
}

const name = fc
  .uint8Array({ minLength: 1, maxLength: 3 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x30 : byte))));
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => Buffer.concat(names.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from('/'), part]))));

describe('comparePaths', () => {
  it('orders by component, bytewise', () => {
    fc.assert(
      fc.property(path, path, (left, right) => {
        expect(compare(left, right)).toBe(compareByComponents(left, right));
      }),
    );
  });

  it('puts what lies in a folder before names that only begin like it', () => {
    expect(compare(Buffer.from('a/b'), Buffer.from('a!'))).toBe(-1);
    expect(compare(Buffer.from('a'), Buffer.from('a/b'))).toBe(-1);
    expect(compare(Buffer.from(''), Buffer.from('a'))).toBe(-1);
  });
});

describe('isCleanPath', () => {
  it('refuses what could lead elsewhere', () => {
    const bad = ['/', '/a', 'a/', 'a//b', '.', '..', 'a/..', '../a', 'a/./b', 'a\0b'];
    const good = ['', 'a', '...', '.a', 'a..', 'a/.b', '\xff/ '];
    const clean = [...bad, ...good].filter((text) => isCleanPath(Buffer.from(text, 'latin1'), text.length));
    expect(clean).toStrictEqual(good);
  });
});

describe('isWithin and parentLength', () => {
  it('go by whole names', () => {
    expect(isWithin(Buffer.from('ab'), Buffer.from('a'))).toBe(false);
    expect(isWithin(Buffer.from('a/b'), Buffer.from('a'))).toBe(true);
    expect(isWithin(Buffer.from('a'), Buffer.from('a'))).toBe(true);
    expect(isWithin(Buffer.from('a'), Buffer.from(''))).toBe(true);
    expect(parentLength(Buffer.from('a/bc'), 4)).toBe(1);
    expect(parentLength(Buffer.from('abc'), 3)).toBe(0);
  });
});
