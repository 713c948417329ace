import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../../renderer/features/history/timeline/history-filter.ts';
import { versionsOf } from '../../../../renderer/features/history/find/versions.ts';
import { contentWords } from '../../../../renderer/ui/text/words.ts';

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
