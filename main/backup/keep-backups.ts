import { AppError } from '../../shared/lib/app-error.ts';
import { assertBackupId } from '../../shared/model/backup-id.ts';
import { pinBackup, unpinBackup } from '../vault/manifests/pins.ts';
import type { RunOptions, ServiceContext } from './services.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Keeps a backup out of retention, or lets it back in. */
export async function setPinned(context: ServiceContext, backupId: string, isPinned: boolean): Promise<void> {
  assertBackupId(backupId);
  const { vault } = context;
  if (!isPinned) {
    await vault.loadManifest(backupId);
    await unpinBackup(vault.storage, backupId);
    return;
  }
  const { state } = await vault.loadManifest(backupId);
  if (state === 'trashed') {
    throw new AppError(
      'refused',
      `The backup ${backupId} is in the trash: bring it back with undelete, then pin it.`,
    );
  }
  await pinBackup(vault.storage, vault.objectKeys, backupId);
}

/**
 * Moves a backup to the trash; returns the days in which it can come back, with its pin. One whose manifest is damaged can go too.
 */
export async function deleteBackup(
  context: ServiceContext,
  backupId: string,
  options: RunOptions,
): Promise<Readonly<{ backupId: string; trashDays: number }>> {
  assertBackupId(backupId);
  const { trashDays } = context.settings;
  await using writer = await context.vault.openWriter('delete', { signal: options.signal });
  await writer.trash(backupId, trashDays * dayMs);
  return { backupId, trashDays };
}

/** Brings a backup back from the trash. */
export async function undeleteBackup(
  context: ServiceContext,
  backupId: string,
  options: RunOptions,
): Promise<Readonly<{ backupId: string }>> {
  assertBackupId(backupId);
  await using writer = await context.vault.openWriter('undelete', { signal: options.signal });
  await writer.undelete(backupId);
  return { backupId };
}
