import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renameWhereNothingIs, writeFileAtomic } from '../../../main/platform/atomic-file.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('writeFileAtomic', () => {
  it('writes all parts, readable for the owner alone, and leaves nothing beside', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'settings.json');
    await writeFileAtomic(file, [Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')]);
    expect(await readFile(file, 'utf8')).toBe('abc');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['settings.json']);
  });

  it('replaces what was there, and sets the mode that is asked for', async () => {
    const file = join(await tempFolder(), 'file');
    await writeFile(file, 'older and longer');
    await chmod(file, 0o666);
    await writeFileAtomic(file, [Buffer.from('new')], { mode: 0o640 });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  it('uses up what a killed writer left, whatever its mode and content', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, '.file.tmp'), 'half of something very long', { mode: 0o666 });
    await writeFileAtomic(join(folder, 'file'), [Buffer.from('x')]);
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
    expect((await stat(join(folder, 'file'))).mode & 0o777).toBe(0o600);
  });

  it('lets writers of the same file take turns: the last content is whole', async () => {
    const folder = await tempFolder();
    const contents = Array.from({ length: 20 }, (_item, at) => Buffer.alloc(50_000 + at, 97 + at));
    await Promise.all(
      contents.map(async (content) => await writeFileAtomic(join(folder, 'file'), [content])),
    );
    const written = await readFile(join(folder, 'file'));
    expect(contents.some((content) => content.equals(written))).toBe(true);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('does not write through a symlink that lies in the way of the temporary file', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'victim'), 'untouched');
    await symlink(join(folder, 'victim'), join(folder, '.file.tmp'));
    await expect(writeFileAtomic(join(folder, 'file'), [Buffer.from('x')])).rejects.toMatchObject({
      code: 'ELOOP',
    });
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('untouched');
  });

  it('leaves the old content and nothing beside, when it cannot be replaced', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'file'));
    await expect(writeFileAtomic(join(folder, 'file'), [Buffer.from('x')])).rejects.toMatchObject({
      code: 'EISDIR',
    });
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('renameWhereNothingIs', () => {
  it('renames folders, and refuses where anything is', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'from'));
    await mkdir(join(folder, 'taken'));
    await expect(renameWhereNothingIs(join(folder, 'from'), join(folder, 'taken'))).rejects.toMatchObject({
      code: 'EEXIST',
    });
    await renameWhereNothingIs(join(folder, 'from'), join(folder, 'taken', 'inside'));
    expect(await readdir(join(folder, 'taken'))).toEqual(['inside']);
  });
});
