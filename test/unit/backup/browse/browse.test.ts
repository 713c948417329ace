import { describe, expect, it } from 'vitest';
import { listFiles, listFilesPage } from '../../../../main/backup/browse/browse.ts';
import type { BrowseRequest } from '../../../../main/backup/browse/browse.ts';
import { MemoryVault } from '../../../fakes/memory-vault.ts';

async function sample() {
  const memory = new MemoryVault();
  const echo = memory
    .tree()
    .folder('docs', { stat: { mode: 0o700, uid: 5, gid: 6, mtimeNs: 1_500_000_000_000_000_001n } });
  await echo.file('docs/a.txt', [Buffer.from('hello')]);
  echo.folder('docs/deep');
  await echo.file('docs/deep/inner');
  echo.symlink('docs/link', 'a.txt');
  await echo.file(Buffer.from([0x66, 0xff]));
  echo.hardLink('twin', 'docs/a.txt');
  const files = memory.tree();
  await files.file('avatar.png', [Buffer.from('png')]);
  const id = await memory.add([
    { component: 'memory', volume: 'agent-echo-workspace', tree: echo },
    { component: 'files', tree: files },
  ]);
  return { memory, id };
}

async function pathsOf(request: BrowseRequest): Promise<readonly string[]> {
  const { memory, id } = await sample();
  const paths: string[] = [];
  for await (const { component, path } of listFiles(memory.vault, id, request)) {
    paths.push(`${component}:${path}`);
  }
  expect(memory.leases).toBe(0);
  return paths;
}

describe('listFiles', () => {
  it('lists what lies at the top of every source', async () => {
    expect(await pathsOf({})).toEqual(['memory:docs', 'memory:f\\xff', 'memory:twin', 'files:avatar.png']);
  });

  it('lists one folder, without what lies deeper', async () => {
    expect(await pathsOf({ path: 'docs' })).toEqual([
      'memory:docs/a.txt',
      'memory:docs/deep',
      'memory:docs/link',
    ]);
    expect(await pathsOf({ path: '/docs/deep/' })).toEqual(['memory:docs/deep/inner']);
  });

  it('takes a path that begins with its source', async () => {
    expect(await pathsOf({ path: 'memory/agent-echo-workspace/docs/deep' })).toEqual([
      'memory:docs/deep/inner',
    ]);
    expect(await pathsOf({ path: 'files' })).toEqual(['files:avatar.png']);
  });

  it('shows a file itself, and takes escaped names', async () => {
    expect(await pathsOf({ path: 'f\\xff' })).toEqual(['memory:f\\xff']);
  });

  it('narrows by component and volume', async () => {
    expect(await pathsOf({ component: 'files' })).toEqual(['files:avatar.png']);
    expect(await pathsOf({ component: 'memory', volume: 'agent-echo-workspace', path: 'docs/link' })).toEqual(
      ['memory:docs/link'],
    );
  });

  it('shows owner, mode, size, exact time and where links lead', async () => {
    const { memory, id } = await sample();
    const found: unknown[] = [];
    for await (const entry of listFiles(memory.vault, id, { component: 'memory' })) {
      found.push(entry);
    }
    expect(found).toMatchObject([
      { kind: 'folder', mode: '0700', uid: 5, gid: 6, size: 0, mtime: '2017-07-14T02:40:00.000000001Z' },
      { kind: 'file', size: 0 },
      { kind: 'hardlink', target: 'docs/a.txt' },
    ]);
  });

  it.each([
    ['zzz', {}, 'usage'],
    ['000000000099', {}, 'not-found'],
    ['000000000001', { component: 'paths' }, 'not-found'],
    ['000000000001', { volume: 'other' }, 'not-found'],
    ['000000000001', { path: 'docs/none' }, 'not-found'],
  ])('says what is not there: %s %j', async (id, request, kind) => {
    const { memory } = await sample();
    await expect(listFiles(memory.vault, id, request).next()).rejects.toMatchObject({ kind });
    expect(memory.leases).toBe(0);
  });

  it('ends its lease when nobody wants more', async () => {
    const { memory, id } = await sample();
    for await (const entry of listFiles(memory.vault, id, {})) {
      expect(entry.path).toBe('docs');
      break;
    }
    expect(memory.leases).toBe(0);
  });
});

describe('listFilesPage', () => {
  const { signal } = new AbortController();
  const nameOf = (number: number): string => `big/${String(number).padStart(6, '0')}`;

  async function large(children: number, inner: (number: number) => number) {
    const memory = new MemoryVault();
    const tree = memory.tree().folder('a').folder('big');
    for (let number = 0; number < children; number += 1) {
      tree.folder(nameOf(number));
      for (let below = 0; below < inner(number); below += 1)
        tree.folder(`${nameOf(number)}/below-${String(below).padStart(6, '0')}`);
    }
    const id = await memory.add([{ component: 'files', tree: tree.folder('other') }]);
    const { vault } = memory;
    const page = async (offset: number, limit: number, path = 'big') =>
      await listFilesPage(vault, id, { component: 'files', volume: '', path, offset, limit, signal });
    return { memory, id, page };
  }

  it('gives any stretch of a folder, whatever lies below its children', async () => {
    const { page } = await large(2500, (number) => (number % 10 === 0 ? 3 : 0));
    for (const [offset, limit] of [
      [0, 1000],
      [510, 4],
      [511, 1],
      [512, 1],
      [2047, 600],
      [2499, 10],
      [2500, 10],
      [9999, 10],
    ] as const) {
      const { files, total } = await page(offset, limit);
      expect(total).toBe(2500);
      const wanted = Array.from({ length: limit }, (_, index) => offset + index).filter((at) => at < 2500);
      expect(files.map(({ path }) => path)).toEqual(wanted.map(nameOf));
    }
    expect(await page(0, 10, '')).toMatchObject({ total: 3 });
    expect(await page(0, 10, 'a')).toEqual({ files: [], total: 0 });
  });

  it('finds its end by reading few blocks, once it was gone through', async () => {
    const { memory, page } = await large(40_000, () => 0);
    await page(0, 100);
    const reads: number[] = [];
    for (const offset of [39_900, 20_000, 0]) {
      memory.chunks.reads = 0;
      const { files, total } = await page(offset, 100);
      expect([files[0]?.path, total]).toEqual([nameOf(offset), 40_000]);
      reads.push(memory.chunks.reads);
    }
    // The root of the listing, the block of the folder, and those around the page.
    expect(Math.max(...reads)).toBeLessThanOrEqual(5);
  });

  it('does not read what lies wholly below one child', async () => {
    const { memory, page } = await large(3, (number) => (number === 1 ? 40_000 : 0));
    memory.chunks.reads = 0;
    expect((await page(0, 10)).files.map(({ path }) => path)).toEqual([0, 1, 2].map(nameOf));
    expect(memory.chunks.reads).toBeLessThan(10);
  });

  it('stops in the middle of a folder when nobody waits for it any more', async () => {
    const { memory, id } = await large(10_000, () => 0);
    const stopped = AbortSignal.abort(new Error('nobody waits'));
    const request = { component: 'files', volume: '', path: 'big', offset: 0, limit: 1, signal: stopped };
    await expect(listFilesPage(memory.vault, id, request)).rejects.toThrow('nobody waits');
    expect(memory.leases).toBe(0);
  });
});
