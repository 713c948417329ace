import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { OpenFolders } from '../../../../main/vault/restore/open-folders.ts';
import { newTarget } from '../../../helpers/restore-memory-tree.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const meta = { mode: 0o755, uid: 0, gid: 0, mtimeNs: 0n, xattrs: [] };

function place(parent: number, name: string) {
  return { parent, name: Buffer.from(name) };
}

async function opened() {
  const root = await newTarget();
  const folders = new OpenFolders(root);
  folders.add(0, place(0, ''), meta);
  return { root, folders };
}

describe('OpenFolders', () => {
  it('reaches folders and says where they are', async () => {
    const { root, folders } = await opened();
    fs.mkdirSync(path.join(root, 'a/b'), { recursive: true });
    folders.add(1, place(0, 'a'), meta);
    folders.add(2, place(1, 'b'), meta);
    fs.writeFileSync(folders.pathOf(place(2, 'file')), 'content');
    expect(fs.readFileSync(path.join(root, 'a/b/file'), 'utf8')).toBe('content');
    expect([folders.folderText(0), folders.folderText(2), folders.text(place(2, 'x\n'))]).toEqual([
      '.',
      'a/b',
      'a/b/x\\n',
    ]);
    folders.at(Buffer.from('a/b/file'), (reached) => {
      expect(fs.readFileSync(reached, 'utf8')).toBe('content');
    });
  });

  it('enters no symlink that took the place of a folder just made', async () => {
    const { root, folders } = await opened();
    fs.mkdirSync(folders.pathOf(place(0, 'a')));
    fs.rmdirSync(path.join(root, 'a'));
    fs.symlinkSync(await tempFolder(), path.join(root, 'a'));
    expect(() => folders.add(1, place(0, 'a'), meta)).toThrow(/replaced/u);
  });

  it('follows no symlink on the way to a first name', async () => {
    const { root, folders } = await opened();
    fs.symlinkSync('/', path.join(root, 'link'));
    expect(() => folders.at(Buffer.from('link/etc'), String)).toThrow(/replaced/u);
  });

  it('opens no root that is a symlink', async () => {
    const link = path.join(await tempFolder(), 'link');
    fs.symlinkSync(await newTarget(), link);
    expect(() => new OpenFolders(link)).toThrow(/ELOOP|ENOTDIR/u);
  });

  it.each(['', '.', '..', 'a/b', '/', 'a\0'])('takes no name that leads elsewhere: %j', async (name) => {
    const { folders } = await opened();
    expect(() => folders.pathOf(place(0, name))).toThrow(/cannot be a name/u);
  });
});
