import { describe, expect, it } from 'vitest';
import { compareRows } from '../../../../renderer/features/history/compare/compare-rows.ts';
import { filterOf } from '../../../../renderer/features/history/timeline/history-filter.ts';
import { versionsOf } from '../../../../renderer/features/history/find/versions.ts';
import { contentWords } from '../../../../renderer/ui/text/words.ts';

const file = {
  component: 'memory',
  volume: 'v',
  kind: 'file',
  mode: '644',
  uid: 0,
  gid: 0,
  mtime: '',
} as const;

function difference(
  change: 'added' | 'removed' | 'changed' | 'metadata',
  path: string,
  sizes: readonly [(number | undefined)?, (number | undefined)?],
) {
  const [before, after] = sizes;
  return {
    change,
    component: 'memory',
    volume: 'v',
    path,
    ...(before === undefined ? {} : { before: { ...file, path, size: before } }),
    ...(after === undefined ? {} : { after: { ...file, path, size: after } }),
  };
}

describe('the rows of a comparison', () => {
  const entries = [
    difference('changed', 'a/one', [10, 30]),
    difference('added', 'a/deep/two', [undefined, 5]),
    difference('removed', 'a/three', [7, undefined]),
    difference('metadata', 'a/four', [1, 1]),
  ];
  const nothingClosed = { kind: 'content', text: '', closed: new Set<string>() } as const;

  it('stand below their folders, which add up what changed; times alone are left for who asks', () => {
    const shown = compareRows(entries, nothingClosed).map((row) =>
      row.kind === 'group' ? [row.folder, row.count, row.grown] : row.name,
    );
    expect(shown).toEqual([['a', 2, 13], 'one', 'three', ['a/deep', 1, 5], 'two']);
    const times = compareRows(entries, { ...nothingClosed, kind: 'metadata' });
    expect(times).toMatchObject([{ folder: 'a' }, { name: 'four' }]);
  });

  it('are narrowed by a part of the path, and hidden in a closed folder', () => {
    expect(compareRows(entries, { ...nothingClosed, text: 'DEEP' })).toMatchObject([
      { folder: 'a/deep' },
      { name: 'two' },
    ]);
    const closed = new Set(['memory/v/a']);
    expect(compareRows(entries, { ...nothingClosed, closed })).toMatchObject([
      { folder: 'a', isClosed: true, count: 2 },
      { folder: 'a/deep' },
      { name: 'two' },
    ]);
  });
});

describe('the versions of a file', () => {
  it('are put together while the content stays the same', () => {
    const seen = (backupId: string, sameAsPrevious: boolean) =>
      ({ backupId, timestamp: backupId, kind: 'file', size: 1, mtime: '', sameAsPrevious }) as const;
    // Newest first; each says whether the next one is the same.
    const versions = versionsOf([
      seen('e', true),
      seen('d', false),
      seen('c', true),
      seen('b', true),
      seen('a', false),
    ]);
    expect(
      versions.map(({ newest, oldest, backups }) => [newest.backupId, oldest.backupId, backups]),
    ).toEqual([
      ['e', 'd', 2],
      ['c', 'a', 3],
    ]);
  });
});

describe('the filter of an address', () => {
  it('takes what is known, and leaves the rest', () => {
    const parameters = new URLSearchParams('agent=one&trigger=often&outcome=failed&trash=yes');
    expect(filterOf(parameters)).toEqual({ agent: 'one', outcome: 'failed', trash: true });
  });
});

describe('the words for what a backup holds', () => {
  it.each([
    [['persistence', 'config', 'files', 'memory'], ['a', 'b'], 'Everything, 2 agents'],
    [['persistence'], [], 'Database'],
    [['memory'], ['research'], 'research'],
    [['memory'], ['a', 'b', 'c'], '3 agents'],
    [['config', 'files'], [], 'Configuration, files'],
  ])('%j of %j: %s', (components, agents, words) => {
    expect(contentWords(components, agents)).toBe(words);
  });
});
