import { describe, expect, it } from 'vitest';
import { diffBackups } from '../../../../main/backup/browse/diff.ts';
import type { MemoryTree } from '../../../fakes/memory-listing.ts';
import { MemoryVault } from '../../../fakes/memory-vault.ts';

/** Diffs two backups of one source each: `change path`. */
async function diffOf(
  before: (tree: MemoryTree) => Promise<unknown>,
  after: (tree: MemoryTree) => Promise<unknown>,
): Promise<readonly string[]> {
  const memory = new MemoryVault();
  const [first, second] = [memory.tree(), memory.tree()];
  await before(first);
  await after(second);
  const a = await memory.add([{ component: 'files', tree: first }]);
  const b = await memory.add([{ component: 'files', tree: second }]);
  return await changes(memory, a, b);
}

async function changes(memory: MemoryVault, first: string, second: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { change, component, path } of diffBackups(memory.vault, first, second)) {
    found.push(`${change} ${component}:${path}`);
  }
  expect(memory.leases).toBe(0);
  return found;
}

describe('diffBackups', () => {
  it('tells added, removed and changed from metadata alone', async () => {
    const found = await diffOf(
      async (tree) => {
        await tree.file('changed', [Buffer.from('old')]);
        await tree.file('gone', [Buffer.from('x')]);
        await tree.file('same', [Buffer.from('s')]);
        await tree.file('touched', [Buffer.from('t')]);
        return tree.symlink('turned', 'a').folder('was-folder');
      },
      async (tree) => {
        await tree.file('changed', [Buffer.from('new')]);
        await tree.file('fresh', [Buffer.from('f')]);
        await tree.file('same', [Buffer.from('s')]);
        await tree.file('touched', [Buffer.from('t')], { stat: { mtimeNs: 1n } });
        tree.symlink('turned', 'b');
        return await tree.file('was-folder');
      },
    );
    expect(found).toEqual([
      'changed files:changed',
      'added files:fresh',
      'removed files:gone',
      'metadata files:touched',
      'changed files:turned',
      'changed files:was-folder',
    ]);
  });

  it('orders by path component, folders before what follows them', async () => {
    const found = await diffOf(
      async (tree) => tree.folder('a'),
      async (tree) => {
        await tree.folder('a').file('a/x');
        await tree.file('a-b');
      },
    );
    expect(found).toEqual(['added files:a/x', 'added files:a-b']);
  });

  it('takes sources that only one of them has as added or removed', async () => {
    const memory = new MemoryVault();
    const [x, y] = [memory.tree(), memory.tree()];
    await x.file('x');
    await y.file('y');
    const first = await memory.add([{ component: 'memory', volume: 'x', tree: x }]);
    const second = await memory.add([{ component: 'memory', volume: 'y', tree: y }]);
    expect(await changes(memory, first, second)).toEqual([
      'removed memory:',
      'removed memory:x',
      'added memory:',
      'added memory:y',
    ]);
  });

  it('leaves blocks that both have unread', async () => {
    const memory = new MemoryVault();
    const trees = [memory.tree(), memory.tree()];
    for (const [index, tree] of trees.entries()) {
      for (let number = 0; number < 60_000; number += 1) {
        tree.folder(`f${String(number).padStart(6, '0')}`);
      }
      tree.folder(`last-${String(index)}`);
    }
    const ids: string[] = [];
    for (const tree of trees) {
      ids.push(await memory.add([{ component: 'files', tree }]));
    }
    const before = memory.chunks.reads;
    const [first = '', second = ''] = ids;
    expect(await changes(memory, first, second)).toEqual(['removed files:last-0', 'added files:last-1']);
    // The roots, and the last blocks of both.
    expect(memory.chunks.reads - before).toBeLessThanOrEqual(4);
  });

  it('says nothing of a source that one of them could not copy', async () => {
    const memory = new MemoryVault();
    const tree = memory.tree();
    await tree.file('x');
    const first = await memory.add([{ component: 'files', tree }]);
    const second = await memory.add([]);
    const { manifest } = await memory.vault.loadManifest(second);
    const [source] = (await memory.vault.loadManifest(first)).manifest.sources;
    const third = await memory.add([], {
      sources: source === undefined ? [] : [{ ...source, state: 'failed', listing: undefined }],
    });
    expect(manifest.sources).toEqual([]);
    expect(await changes(memory, first, third)).toEqual([]);
  });

  it('lets others in while much is compared', async () => {
    const memory = new MemoryVault();
    const [first, second] = [memory.tree(), memory.tree()];
    for (let number = 10_000; number < 20_000; number += 1) {
      first.folder(String(number));
      second.folder(String(number), { stat: { mode: 0o700 } });
    }
    const a = await memory.add([{ component: 'files', tree: first }]);
    const b = await memory.add([{ component: 'files', tree: second }]);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    expect(await changes(memory, a, b)).toHaveLength(10_000);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});
