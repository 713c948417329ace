import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore-service.ts';
import { pathSlug } from '../../../main/components/paths-handler.ts';
import { contextOf } from '../../helpers/tiny-context.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly, tinyInstall } from '../../helpers/tiny-install.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';

describe('a restore of extra folders that lie in one another', () => {
  it('is refused before anything moves, and each can be restored alone', async () => {
    const tiny = await tinyInstall();
    const outer = path.join(tiny.base, 'extra');
    const inner = path.join(outer, 'inner');
    await mkdir(inner, { recursive: true });
    await writeFile(path.join(outer, 'one'), 'one');
    await writeFile(path.join(inner, 'two'), 'two');
    const context = contextOf(tiny, { settings: { paths: [outer, inner] } });
    const { backupId } = await createBackup(context, { trigger: 'manual', only: ['paths'] }, quietly);
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
});
