import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { removeTree } from '../../../../main/backup/restore/staging/remove-tree.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { backedUp, echoVolume, inPlace } from '../../../helpers/tiny-backup.ts';
import { liveState, quietly, volumeData } from '../../../helpers/tiny-install.ts';

const run = promisify(execFile);

/** Mounts a small disk on a folder. Skips the test where that is refused, unless every test is required to run. */
async function mountOn(context: TestContext, folder: string, size = '64m'): Promise<void> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  } catch (error) {
    if (process.env['TRINITY_TEST_REQUIRE_ALL'] !== undefined) throw error;
    context.skip('mounting is refused here');
  }
  onTestFinished(async () => void (await run('umount', ['-l', folder])));
}

describe('mount points', () => {
  it('inside a volume are refused before anything is touched, and the rest can be restored', async (context) => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(volumeData(tiny, echoVolume), 'empty');
    await mountOn(context, folder);
    await writeFile(path.join(folder, 'foreign'), 'not ours');
    await writeFile(path.join(tiny.data, 'agent-files/0b5d'), 'changed');
    const before = liveState(tiny);
    const error = await rejectionOf(
      restoreBackup(tiny.context, { ...inPlace(backupId), safetyBackup: false }, quietly),
    );
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('mount point') });
    expect(liveState(tiny)).toEqual(before);
    const only = { only: ['files'], safetyBackup: false };
    expect(await restoreBackup(tiny.context, inPlace(backupId, only), quietly)).toMatchObject({
      restored: ['files'],
    });
  });

  it('may hold the platform data: it is swapped name by name', async (context) => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    await mountOn(context, tiny.data);
    await restoreBackup(tiny.context, { ...inPlace(backupId), safetyBackup: false }, quietly);
    expect((await readdir(tiny.data)).toSorted()).toEqual([
      'agent-files',
      'avatars',
      'backups',
      'trinity.db',
    ]);
    expect(liveState(tiny)).toEqual(before);
  });

  it('may be the target of --to', async (context) => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(tiny.base, 'stick');
    await mkdir(folder);
    await mountOn(context, folder);
    await restoreBackup(
      tiny.context,
      { ...inPlace(backupId, { only: ['config'] }), destination: { way: 'to', folder } },
      quietly,
    );
    expect(await readdir(folder)).toEqual(['config']);
  });

  it('that are too small for what comes are told before anything is touched', async (context) => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(tiny.base, 'stick');
    await mkdir(folder);
    await mountOn(context, folder, '1m');
    const request = { ...inPlace(backupId), destination: { way: 'to', folder } as const };
    const error = await rejectionOf(restoreBackup(tiny.context, request, quietly));
    expect(error).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining(`the disk of ${folder}, where 1.05 MB`),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('are never emptied by clearing up', async (context) => {
    const base = await tempFolder();
    await mkdir(path.join(base, 'ours/inside'), { recursive: true });
    await mountOn(context, path.join(base, 'ours/inside'));
    await writeFile(path.join(base, 'ours/inside/foreign'), 'not ours');
    const place = { root: base, path: Buffer.from('ours') };
    expect(await rejectionOf(removeTree(place))).toMatchObject({
      message: expect.stringContaining('mounted'),
    });
    expect(await readdir(path.join(base, 'ours/inside'))).toEqual(['foreign']);
  });
});
