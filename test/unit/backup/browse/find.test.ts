import { describe, expect, it } from 'vitest';
import { findInBackups } from '../../../../main/backup/browse/find.ts';
import { namePattern } from '../../../../main/backup/browse/name-pattern.ts';
import { MemoryVault } from '../../../fakes/memory-vault.ts';

const { signal } = new AbortController();

describe('namePattern', () => {
  it.each([
    ['notes', 'a/My-Notes.md', true],
    ['notes', 'notes/other', false],
    ['notes/o', 'x/Notes/other', true],
    ['*.md', 'a/b/README.MD', true],
    ['*.md', 'a.md/b', false],
    ['read', 'a/b/README.MD', true],
    ['read?e*', 'a/readme', true],
    ['[ab]*', 'x/banana', true],
    ['docs/*.md', 'x/docs/a.md', true],
    ['docs/*.md', 'x/docs/y/a.md', false],
    ['ü*', 'x/Übung', true],
  ])('%j on %j: %s', (pattern, path, isFound) => {
    expect(namePattern(pattern)(Buffer.from(path))).toBe(isFound);
  });

  it('finds names that are no UTF-8 by their shown text', () => {
    expect(namePattern('a\\xff')(Buffer.from([0x61, 0xff]))).toBe(true);
  });
});

describe('findInBackups', () => {
  async function sample() {
    const memory = new MemoryVault();
    for (const content of ['one', 'one', 'three']) {
      const tree = memory.tree().folder('docs');
      await tree.file('docs/Plan.txt', [Buffer.from(content)]);
      await tree.file('other', [Buffer.from(content)]);
      await memory.add([{ component: 'memory', volume: 'v', tree }]);
    }
    return memory;
  }

  it('groups versions by path, newest first, and tells which changed', async () => {
    const memory = await sample();
    const result = await findInBackups(memory.vault, { name: 'plan', signal });
    expect(result).toMatchObject({ backups: 3, isCut: false, unreadable: [] });
    expect(result.found).toMatchObject([
      {
        component: 'memory',
        volume: 'v',
        path: 'docs/Plan.txt',
        versions: [
          { backupId: '000000000003', size: 5, sameAsPrevious: false },
          { backupId: '000000000002', size: 3, sameAsPrevious: true },
          { backupId: '000000000001', size: 3, sameAsPrevious: false },
        ],
      },
    ]);
    expect(memory.leases).toBe(0);
  });

  it('looks only in so many of the newest', async () => {
    const { found, backups } = await findInBackups((await sample()).vault, {
      name: 'plan',
      newest: 1,
      signal,
    });
    expect(backups).toBe(1);
    expect(found[0]?.versions).toHaveLength(1);
  });

  it('goes on past a damaged listing, and says so', async () => {
    const memory = await sample();
    const { manifest } = await memory.vault.loadManifest('000000000003');
    memory.chunks.lose(Buffer.from(manifest.sources[0]?.listing?.rootChunks[0] ?? '', 'hex'));
    const { found, unreadable } = await findInBackups(memory.vault, { name: 'plan', signal });
    expect(unreadable).toMatchObject([{ backupId: '000000000003', source: 'memory/v' }]);
    expect(found[0]?.versions.map(({ backupId }) => backupId)).toEqual(['000000000002', '000000000001']);
  });

  it('refuses to look for nothing', async () => {
    await expect(findInBackups(new MemoryVault().vault, { name: '', signal })).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});
