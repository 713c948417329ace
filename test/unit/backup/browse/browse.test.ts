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
  it('gives a folder page by page', async () => {
    const memory = new MemoryVault();
    const tree = memory.tree().folder('big');
    for (let number = 0; number < 2500; number += 1) {
      tree.folder(`big/${String(number).padStart(6, '0')}`);
      if (number % 10 === 0) {
        await tree.file(`big/${String(number).padStart(6, '0')}/inner`);
      }
    }
    const id = await memory.add([{ component: 'files', tree: tree.folder('other') }]);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const request = { component: 'files', volume: '', path: 'big', after, limit: 1000 };
      const page = await listFilesPage(memory.vault, id, request);
      expect(page.files.length).toBeLessThanOrEqual(1000);
      seen.push(...page.files.map(({ path }) => path));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(
      Array.from({ length: 2500 }, (_, number) => `big/${String(number).padStart(6, '0')}`),
    );
  });
});
