import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { pathSlug } from '../../../../main/components/paths-handler.ts';
import { contextOf } from '../../../helpers/tiny-context.ts';
import { inPlace, listedPaths } from '../../../helpers/tiny-backup.ts';
import { quietly, tinyInstall } from '../../../helpers/tiny-install.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

describe('extra folders that lie in one another', () => {
  it('are not restored together, when a link has made them so, and each can be restored alone', async () => {
    const tiny = await tinyInstall();
    const [outer, inner] = [path.join(tiny.base, 'extra'), path.join(tiny.base, 'inner')];
    for (const folder of [outer, inner]) await mkdir(folder);
    await writeFile(path.join(outer, 'one'), 'one');
    await writeFile(path.join(inner, 'two'), 'two');
    const context = contextOf(tiny, { settings: { paths: [outer, inner] } });
    const { backupId } = await createBackup(context, { trigger: 'manual', only: ['paths'] }, quietly);
    await rename(inner, path.join(outer, 'inner'));
    await symlink(path.join(outer, 'inner'), inner);
    const backedUp = snapshotTree(outer);
    await writeFile(path.join(inner, 'two'), 'changed');
    const changed = snapshotTree(outer);
    await expect(restoreBackup(context, inPlace(backupId), quietly)).rejects.toMatchObject({
      name: 'AppError',
      kind: 'refused',
    });
    expect(snapshotTree(outer)).toEqual(changed);
    await restoreBackup(context, inPlace(backupId, { paths: [`paths/${pathSlug(inner)}`] }), quietly);
    expect(snapshotTree(outer)).toEqual(backedUp);
  });

  it('are backed up once, and can be put back', async () => {
    const tiny = await tinyInstall();
    const outer = path.join(tiny.base, 'extra');
    const inner = path.join(outer, 'inner');
    const link = path.join(tiny.base, 'link');
    await mkdir(inner, { recursive: true });
    await symlink(outer, link);
    await writeFile(path.join(inner, 'two'), 'two');
    const context = contextOf(tiny, { settings: { paths: [inner, outer, link] } });
    const request = { trigger: 'manual', only: ['paths'] } as const;
    const { backupId, warnings } = await createBackup(context, request, quietly);
    expect(warnings.map(({ code, volume }) => [code, volume])).toEqual([
      ['path-held', pathSlug(inner)],
      ['path-held', pathSlug(link)],
    ]);
    const backedUp = snapshotTree(outer);
    await writeFile(path.join(inner, 'two'), 'changed');
    await restoreBackup(context, inPlace(backupId), quietly);
    expect(snapshotTree(outer)).toEqual(backedUp);
    expect(await listedPaths(tiny, backupId, 'paths')).toEqual(['', 'inner', 'inner/two']);
  });
});
