import { describe, expect, it } from 'vitest';
import { isPlainPayload } from '../../../../main/app/ipc/payload.ts';

const circle: Record<string, unknown> = {};
circle['self'] = circle;

const deep = (levels: number): unknown => (levels === 0 ? 1 : { next: deep(levels - 1) });

describe('isPlainPayload', () => {
  it.each([
    ['nothing', undefined],
    ['an object', { a: [1, 'two', null, true, { b: undefined }] }],
    ['an object without a prototype of its own', JSON.parse('{"__proto__": {"a": 1}}')],
    ['what is just as large as allowed', 'x'.repeat(98)],
  ])('takes %s', (_name, value) => {
    expect(isPlainPayload(value, 100)).toBe(true);
  });

  it.each([
    ['a text that is too long', 'x'.repeat(101)],
    ['a text that is too long in bytes', 'ä'.repeat(60)],
    ['a list of four billion holes', Array(2 ** 32 - 1)],
    ['many small parts', Array.from({ length: 60 }, () => 1)],
    ['long names', { ['n'.repeat(120)]: 1 }],
    ['a circle', circle],
    ['what is too deep', deep(40)],
    ['a map', new Map([['a', 1]])],
    ['bytes', new Uint8Array(4)],
    ['a date', new Date(0)],
    ['a bigint', 1n],
    ['what is no number', Number.NaN],
    ['an error', new Error('no')],
    ['a function', () => 1],
  ])('refuses %s', (_name, value) => {
    expect(isPlainPayload(value, 100)).toBe(false);
  });
});
