import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTemporaryArchive } from '../../../../main/backup/export/export-temporary.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

describe('the unfinished archive of an export', () => {
  it('goes with the next export to its folder when it was left over, and nothing else does', async () => {
    const folder = await tempFolder();
    const running = await openTemporaryArchive(path.join(folder, 'running.zip'));
    const kept = ['.mine.part', '.a.zip.0123.part', 'a.zip', '.young.zip.0123456789ab.part'];
    for (const name of [...kept, '.old.tar.gz.0123456789ab.part'])
      await writeFile(path.join(folder, name), '');
    for (const name of await readdir(folder)) {
      if (!name.startsWith('.young')) await utimes(path.join(folder, name), 0, 0);
    }
    const next = await openTemporaryArchive(path.join(folder, 'next.tar.gz'));
    const left = [...kept, path.basename(running.path), path.basename(next.path)];
    expect((await readdir(folder)).toSorted()).toEqual(left.toSorted());
    for (const { handle } of [running, next]) await handle.close();
  });
});
