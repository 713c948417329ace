import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareTree } from '../../../../main/vault/restore/compare-tree.ts';
import { MemoryTree } from '../../../fakes/memory-listing.ts';
import { restoreMemoryTree } from '../../../helpers/restore-memory-tree.ts';

const signal = new AbortController().signal;

async function sampleTree(): Promise<MemoryTree> {
  const tree = new MemoryTree().folder('a').folder('a/b');
  await tree.file('a/b/deep', [Buffer.from('deep')]);
  await tree.file('file', [Buffer.from('content')]);
  return tree.symlink('link', 'file').hardLink('twin', 'file');
}

/** Restores the sample, changes it, and tells what is found to differ, `path what`. */
async function differencesAfter(change: (target: string) => void): Promise<readonly string[]> {
  const tree = await sampleTree();
  const { target } = await restoreMemoryTree(tree);
  const root = fs.statSync(target, { bigint: true });
  change(target);
  fs.utimesSync(target, Number(root.mtimeMs) / 1000, Number(root.mtimeMs) / 1000);
  const differences = await compareTree(tree, target, { signal });
  return differences.map(({ path, what }) => `${path} ${what}`).filter((text) => text !== '. mtime');
}

describe('compareTree', () => {
  it('finds nothing in what was restored', async () => {
    expect(await differencesAfter(() => {})).toEqual([]);
  });

  it('finds content that changed under the same size and time', async () => {
    const changed = await differencesAfter((target) => {
      const { mtimeMs } = fs.statSync(`${target}/a/b/deep`);
      fs.writeFileSync(`${target}/a/b/deep`, 'DEEP');
      fs.utimesSync(`${target}/a/b/deep`, mtimeMs / 1000, mtimeMs / 1000);
    });
    expect(changed).toContain('a/b/deep content');
  });

  it('finds other sizes, modes and times', async () => {
    const changed = await differencesAfter((target) => {
      fs.appendFileSync(`${target}/a/b/deep`, '!');
      fs.chmodSync(`${target}/file`, 0o600);
    });
    expect(changed).toEqual(['a/b/deep mtime', 'a/b/deep size', 'file mode']);
  });

  it('finds what is missing once, and what was added', async () => {
    const changed = await differencesAfter((target) => {
      fs.rmSync(`${target}/a/b`, { recursive: true });
      fs.writeFileSync(`${target}/new`, '');
    });
    expect(changed).toEqual(['a/b missing', 'a mtime', 'new extra']);
  });

  it('finds links that lead elsewhere, are no links, or are copies', async () => {
    const changed = await differencesAfter((target) => {
      fs.unlinkSync(`${target}/link`);
      fs.symlinkSync('elsewhere', `${target}/link`);
      fs.unlinkSync(`${target}/twin`);
      fs.copyFileSync(`${target}/file`, `${target}/twin`);
      fs.rmSync(`${target}/a/b/deep`);
      fs.mkdirSync(`${target}/a/b/deep`);
    });
    expect(changed).toEqual(['a/b/deep kind', 'a/b mtime', 'link mtime', 'link target', 'twin link']);
  });

  it('does not enter a symlink that took the place of a folder', async () => {
    const changed = await differencesAfter((target) => {
      fs.renameSync(`${target}/a`, `${target}/moved`);
      fs.symlinkSync('moved', `${target}/a`);
    });
    expect(changed).toEqual(['a kind', 'moved extra']);
  });

  it('tells what a listing says and what is there', async () => {
    const tree = await sampleTree();
    const { target } = await restoreMemoryTree(tree);
    fs.chmodSync(`${target}/file`, 0o600);
    expect(await compareTree(tree, target, { signal })).toEqual([
      { path: 'file', what: 'mode', expected: '0644', actual: '0600' },
    ]);
    expect(await compareTree(tree, target, { signal, exactMetadata: false })).toEqual([]);
  });

  it('ends as cancelled', async () => {
    const tree = await sampleTree();
    await expect(compareTree(tree, '/', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});
