import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../../main/backup/collect-service.ts';
import { deleteBackup, setPinned, undeleteBackup } from '../../../main/backup/keep-backups.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { listPins } from '../../../main/vault/manifests/pins.ts';
import path from 'node:path';
import { backedUp } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';

describe('deleting a backup', () => {
  it('moves it to the trash, from where it comes back whole, also after collecting', async () => {
    const { tiny, backupId } = await backedUp();
    const { context } = tiny;
    expect(await deleteBackup(context, backupId, quietly)).toEqual({ backupId, trashDays: 7 });
    expect(await context.vault.loadManifest(backupId)).toMatchObject({ state: 'trashed' });
    await collectGarbage(context, quietly);
    expect(await collectGarbage(context, quietly)).toMatchObject({ deletedPacks: 0, purgedBackups: [] });
    await undeleteBackup(context, backupId, quietly);
    expect(await verifyVault(context, { data: 'full' }, quietly)).toMatchObject({ ok: true, damaged: [] });
    const destination = { way: 'to', folder: path.join(tiny.base, 'out') } as const;
    const restored = await restoreBackup(context, { backupId, destination, safetyBackup: false }, quietly);
    expect(restored.restored).toContain('memory/agent-echo-workspace');
  });

  it('tells an unknown backup from a malformed id', async () => {
    const { tiny } = await backedUp();
    const unknown = deleteBackup(tiny.context, '0123456789ab', quietly);
    await expect(unknown).rejects.toMatchObject({ kind: 'not-found' });
    const malformed = deleteBackup(tiny.context, '../keys/one', quietly);
    await expect(malformed).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('setPinned', () => {
  it('pins and lets go; one in the trash cannot be pinned', async () => {
    const { tiny, backupId } = await backedUp();
    const { context } = tiny;
    const pinned = async (): Promise<readonly string[]> => [
      ...(await listPins(context.vault.storage, context.vault.objectKeys)).backupIds,
    ];
    await setPinned(context, backupId, true);
    expect(await pinned()).toEqual([backupId]);
    await setPinned(context, backupId, false);
    expect(await pinned()).toEqual([]);
    await deleteBackup(context, backupId, quietly);
    await expect(setPinned(context, backupId, true)).rejects.toMatchObject({ kind: 'refused' });
  });
});
