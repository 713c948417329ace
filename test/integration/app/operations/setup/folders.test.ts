import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedRestLab } from '../../../../helpers/rest-lab.ts';
import { rejectionOf } from '../../../../helpers/rejection.ts';
import { tempFolder } from '../../../../helpers/temp-folder.ts';

const lab = sharedRestLab({ isSetUp: true });
const options = { signal: new AbortController().signal, onProgress: () => undefined };

describe('folders.list', () => {
  it('tells the names of folders and nothing of files and links, in order', async () => {
    const base = await tempFolder();
    for (const name of ['b', 'a']) mkdirSync(path.join(base, name));
    writeFileSync(path.join(base, 'secret.txt'), '');
    symlinkSync('/etc', path.join(base, 'link'));
    const listed = await lab().application.run('foldersList', { folder: base }, options);
    expect(listed).toEqual({ folder: base, parent: path.dirname(base), folders: ['a', 'b'], isCut: false });
  });

  it('tells a thousand at most, and says that there are more', async () => {
    const base = await tempFolder();
    for (let at = 0; at < 1001; at += 1) mkdirSync(path.join(base, String(at)));
    const { folders, isCut } = await lab().application.run('foldersList', { folder: base }, options);
    expect([folders.length, isCut]).toEqual([1000, true]);
  });

  it('knows no way above the root', async () => {
    expect((await lab().application.run('foldersList', { folder: '/' }, options)).parent).toBeNull();
  });

  it('says what is not there, and what is no folder', async () => {
    const base = await tempFolder();
    writeFileSync(path.join(base, 'file'), '');
    for (const name of ['gone', 'file']) {
      const asked = lab().application.run('foldersList', { folder: path.join(base, name) }, options);
      expect(await rejectionOf(asked)).toMatchObject({ kind: 'not-found' });
    }
  });
});

describe('folders.look', () => {
  it('tells new, empty, used and taken folders apart', async () => {
    const base = await tempFolder();
    mkdirSync(path.join(base, 'empty'));
    mkdirSync(path.join(base, 'used/below'), { recursive: true });
    mkdirSync(path.join(base, 'vault'));
    writeFileSync(path.join(base, 'vault/vault.json'), '');
    const states: string[] = [];
    for (const name of [
      'empty',
      'used',
      'vault',
      'new/and/deep',
      'vault/vault.json',
      'vault/vault.json/below',
    ]) {
      const look = await lab().application.run('foldersLook', { folder: path.join(base, name) }, options);
      states.push(look.state);
      expect(look.freeBytes).toBeGreaterThan(0);
    }
    expect(states).toEqual(['empty', 'used', 'vault', 'missing', 'no-folder', 'no-folder']);
  });

  it('says when a folder lies on the disk of the install, and not of another', async () => {
    const here = await lab().application.run(
      'foldersLook',
      { folder: path.join(lab().base, 'new') },
      options,
    );
    expect(here.isOnInstallDisk).toBe(true);
    expect(
      (await lab().application.run('foldersLook', { folder: '/dev/shm' }, options)).isOnInstallDisk,
    ).toBe(false);
  });
});
