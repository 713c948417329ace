import { describe, expect, it } from 'vitest';
import { compileExclude } from '../../../../../main/vault/capture/walk/exclude.ts';

function isExcluded(rules: readonly string[], path: string): boolean {
  const isFolder = path.endsWith('/');
  return compileExclude(rules).matches(Buffer.from(isFolder ? path.slice(0, -1) : path), isFolder);
}

describe('compileExclude', () => {
  const matches: readonly (readonly [rule: string, matched: readonly string[], others: readonly string[]])[] =
    [
      ['node_modules', ['node_modules', 'a/b/node_modules/'], ['node_modules2', 'xnode_modules']],
      ['node_modules/', ['node_modules/', 'a/node_modules/'], ['node_modules', 'a/node_modules']],
      ['/tmp', ['tmp', 'tmp/'], ['a/tmp']],
      ['a/b', ['a/b'], ['x/a/b', 'a/b/c', 'a']],
      ['*.log', ['x.log', 'a/.log', 'a/b.log/'], ['x.logs', 'log']],
      ['cache*', ['cache', 'a/cache-1'], ['xcache']],
      ['*', ['a', 'a/b'], []],
      ['/*', ['a'], ['a/b']],
      ['a*c', ['ac', 'abbc', 'a/abc'], ['abcd', 'a/c']],
      ['?.txt', ['a.txt', 'é.txt', '€.txt'], ['.txt', 'ab.txt']],
      ['[a-c]x', ['ax', 'cx'], ['dx', 'x', 'abx']],
      ['[!a-c]x', ['dx', 'éx'], ['ax']],
      ['[^é]x', ['ax'], ['éx']],
      ['[]]', [']'], ['[']],
      ['[a', ['[a'], ['a']],
      ['\\*', ['*'], ['a']],
      ['\\!a', ['!a'], ['a']],
      ['**/a', ['a', 'x/a', 'x/y/a'], ['a/b', 'ba']],
      ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a']],
      ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a', 'a/bc', 'x/a/b']],
      ['**/a/**/b/*.c', ['a/b/x.c', 'q/a/r/s/b/y.c'], ['a/b/x/y.c', 'b/x.c']],
      ['naïve', ['naïve'], ['naive']],
    ];

  it.each(matches)('%s', (rule, matched, others) => {
    expect([...matched, ...others].filter((path) => isExcluded([rule], path))).toStrictEqual(matched);
  });

  it('lets the last match win', () => {
    expect(isExcluded(['*.log', '!keep.log'], 'keep.log')).toBe(false);
    expect(isExcluded(['!keep.log', '*.log'], 'keep.log')).toBe(true);
    expect(isExcluded(['keep.log', '!*.log'], 'keep.log')).toBe(false);
    expect(isExcluded(['!keep', 'keep', '!a*'], 'keep')).toBe(true);
    expect(isExcluded(['a', '!a/'], 'a/')).toBe(false);
    expect(isExcluded(['a', '!a/'], 'a')).toBe(true);
  });

  it('matches names that are no UTF-8', () => {
    expect(compileExclude(['a*']).matches(Buffer.from([0x61, 0xff, 0xfe]), false)).toBe(true);
    expect(compileExclude(['?']).matches(Buffer.from([0xff]), false)).toBe(true);
  });

  it('matches nothing by rules that name nothing', () => {
    expect(['', '!', '/', '!/', '//'].filter((rule) => isExcluded([rule], 'a'))).toStrictEqual([]);
  });

  it('does not blow up on stars', () => {
    const rule = `${'*a'.repeat(30)}*b`;
    expect(isExcluded([rule], 'a'.repeat(250))).toBe(false);
    const deep = `${'**/a/'.repeat(20)}b`;
    expect(isExcluded([deep], Array.from({ length: 200 }, () => 'a').join('/'))).toBe(false);
  });
});
