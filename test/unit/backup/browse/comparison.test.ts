import { describe, expect, it } from 'vitest';
import {
  collectComparison,
  comparisonPage,
  type ComparisonWish,
} from '../../../../main/backup/browse/comparison.ts';
import type { DiffEntry } from '../../../../main/backup/browse/diff.ts';

const { signal } = new AbortController();
const all: ComparisonWish = { kind: 'content', text: '', closed: [], offset: 0, limit: 1000 };
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
  change: DiffEntry['change'],
  path: string,
  [before, after]: readonly [number | undefined, number | undefined],
): DiffEntry {
  const at = (size: number | undefined) => (size === undefined ? undefined : { ...file, path, size });
  return { change, component: 'memory', volume: 'v', path, before: at(before), after: at(after) };
}

async function* entriesOf(entries: Iterable<DiffEntry>): AsyncGenerator<DiffEntry> {
  yield* entries;
}

/** Pages of the wished rows in short: folders with count and growth, names of files. */
async function shownOf(entries: Iterable<DiffEntry>, wish: Partial<ComparisonWish> = {}, most = 1_000_000) {
  const comparison = await collectComparison(entriesOf(entries), most, signal);
  const { rows, total } = await comparisonPage(comparison, { ...all, ...wish }, signal);
  const words = rows.map((row) =>
    row.kind === 'group' ? [row.folder, row.count, row.grown, row.isClosed] : row.entry.path,
  );
  return { comparison, total, words };
}

describe('the pages of a comparison', () => {
  const entries = [
    difference('changed', 'a/one', [10, 30]),
    difference('added', 'a/deep/two', [undefined, 5]),
    difference('removed', 'a/three', [7, undefined]),
    difference('metadata', 'a/four', [1, 1]),
  ];

  it('stand below their folders, which add up what changed; times alone are left for who asks', async () => {
    const { comparison, total, words } = await shownOf(entries);
    expect(words).toEqual([['a', 2, 13, false], 'a/one', 'a/three', ['a/deep', 1, 5, false], 'a/deep/two']);
    expect([total, comparison.counts]).toEqual([5, { added: 1, removed: 1, changed: 1, metadata: 1 }]);
    expect((await shownOf(entries, { kind: 'metadata' })).words).toEqual([['a', 1, 0, false], 'a/four']);
  });

  it('are narrowed by a part of the path, and hidden in a closed folder, which keeps its number', async () => {
    const narrowed = await shownOf(entries, { text: ' DEEP ' });
    expect(narrowed.words).toEqual([['a/deep', 1, 5, false], 'a/deep/two']);
    const closed = await shownOf(entries, { closed: [0] });
    expect(closed.words).toEqual([['a', 2, 13, true], ['a/deep', 1, 5, false], 'a/deep/two']);
    const both = await shownOf(entries, { text: 'deep', closed: [1] });
    expect(both.words).toEqual([['a/deep', 1, 5, true]]);
  });

  it('put together are the whole, wherever they are cut', async () => {
    const whole = await shownOf(entries);
    for (const limit of [1, 2, 3, 4]) {
      const found: unknown[] = [];
      for (let offset = 0; offset < whole.total; offset += limit)
        found.push(...(await shownOf(entries, { offset, limit })).words);
      expect(found).toEqual(whole.words);
    }
    expect((await shownOf(entries, { offset: 99 })).words).toEqual([]);
  });

  it('end where more differs than is kept, and all of it is counted', async () => {
    const { comparison, total } = await shownOf(entries, {}, 2);
    expect([comparison.isCut, total, comparison.counts.removed]).toEqual([true, 4, 1]);
    expect((await shownOf(entries, {}, 4)).comparison.isCut).toBe(false);
  });

  it('let others in while a hundred thousand are looked through', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) =>
      difference('added', `folder-${String(index % 7)}/file-${String(index)}`, [undefined, 1]),
    );
    const comparison = await collectComparison(entriesOf(many), many.length, signal);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const { rows, total } = await comparisonPage(comparison, { ...all, offset: 100_000, limit: 7 }, signal);
    isOver = true;
    expect([rows.length, total]).toEqual([7, 100_007]);
    expect(turns).toBeGreaterThan(20);
  });

  it('are not gone on with when nobody waits for them', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      difference('added', String(index), [undefined, 1]),
    );
    const comparison = await collectComparison(entriesOf(many), many.length, signal);
    const stopped = AbortSignal.abort(new Error('nobody waits'));
    await expect(comparisonPage(comparison, all, stopped)).rejects.toThrow('nobody waits');
    await expect(collectComparison(entriesOf(many), 1, stopped)).rejects.toThrow('nobody waits');
  });
});
