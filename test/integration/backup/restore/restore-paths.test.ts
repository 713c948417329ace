import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { backedUp, echoVolume, inPlace } from '../../../helpers/tiny-backup.ts';
import { quietly, volumeData } from '../../../helpers/tiny-install.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

describe('restore --path', () => {
  it('replaces the paths and nothing else, and makes the folders above that are gone', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    const before = snapshotTree(data);
    await rm(path.join(data, 'content'), { recursive: true });
    await writeFile(path.join(data, '.ssh/id'), 'changed');
    await writeFile(path.join(data, 'younger.txt'), 'stays');
    const paths = [`memory/${echoVolume}/content/big.bin`, `memory/${echoVolume}/.ssh`];
    await restoreBackup(tiny.context, inPlace(backupId, { paths }), quietly);
    const after = snapshotTree(data);
    const names = ['content', 'content/big.bin', '.ssh', '.ssh/id'];
    expect(names.map((name) => after[name])).toEqual(names.map((name) => before[name]));
    expect(after['content/zero']).toBeUndefined();
    expect(await readFile(path.join(data, 'younger.txt'), 'utf8')).toBe('stays');
  });

  it('keeps live content inside a folder that every backup leaves out', async () => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(volumeData(tiny, echoVolume), 'content');
    await mkdir(path.join(folder, '__pycache__'));
    await writeFile(path.join(folder, '__pycache__/only-here.pyc'), 'in no backup');
    await writeFile(path.join(folder, 'big.bin'), 'changed');
    await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'], paths: ['content'] }), quietly);
    expect(await readFile(path.join(folder, '__pycache__/only-here.pyc'), 'utf8')).toBe('in no backup');
    expect((await stat(path.join(folder, 'big.bin'))).size).toBe(40_000);
  });

  it('follows no link that has taken the place of a folder', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    const outside = path.join(tiny.base, 'outside');
    await mkdir(outside);
    await writeFile(path.join(outside, 'big.bin'), 'not ours');
    await rm(path.join(data, 'content'), { recursive: true });
    await symlink(outside, path.join(data, 'content'));
    const paths = [`memory/${echoVolume}/content/big.bin`];
    expect(
      await rejectionOf(restoreBackup(tiny.context, inPlace(backupId, { paths }), quietly)),
    ).toMatchObject({ kind: 'refused' });
    expect(await readdir(outside)).toEqual(['big.bin']);
    expect(await readFile(path.join(outside, 'big.bin'), 'utf8')).toBe('not ours');
  });

  it('says which parts a path is in, when there are several', async () => {
    const { tiny, backupId } = await backedUp();
    const error = await rejectionOf(
      restoreBackup(tiny.context, inPlace(backupId, { paths: ['CLAUDE.md'] }), quietly),
    );
    expect(error).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(`memory/${echoVolume}/CLAUDE.md`),
    });
  });
});
