import { describe, expect, it } from 'vitest';
import { assertObjectName, assertObjectPrefix, isObjectName } from '../../../main/storage/object-name.ts';

describe('isObjectName', () => {
  it.each(['vault.json', 'packs/ab/0f', 'locks/writer-000000000001', 'a/b/c/d'])('allows %s', (name) => {
    expect(isObjectName(name)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/../b',
    'a//b',
    '/a',
    'a/',
    '.hidden',
    'a/.x',
    'Upper',
    'a b',
    'a\n',
    'ä',
    'a\\b',
    'a/b/c/d/e',
    'x'.repeat(129),
  ])('refuses %j', (name) => {
    expect(isObjectName(name)).toBe(false);
  });

  it.each(['tmp', 'tmp/x', 'reserve'])('refuses %s, which a folder keeps for itself', (name) => {
    expect(isObjectName(name)).toBe(false);
    expect(() => assertObjectName(name)).toThrow('not a name');
  });
});

describe('assertObjectPrefix', () => {
  it('takes everything or a folder of objects', () => {
    expect(() => assertObjectPrefix('')).not.toThrow();
    expect(() => assertObjectPrefix('packs/ab/')).not.toThrow();
    for (const prefix of ['packs', '/', '../', 'tmp/'])
      expect(() => assertObjectPrefix(prefix)).toThrow('not a prefix');
  });
});
