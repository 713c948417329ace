import { isBackupId } from '../../../shared/model/backup-id.ts';
import type { Storage } from '../../storage/storage.ts';

const prefix = 'marks/backup-';

/**
 * Notes by an empty object for each backup that it was committed, so that a manifest which gets lost is missed by name. It is
 * written after the manifest and deleted before it: a crash in between only leaves a backup that would not be missed.
 */
export async function recordBackup(storage: Storage, backupId: string): Promise<void> {
  await storage.put(prefix + backupId, []);
}

export async function forgetBackup(storage: Storage, backupId: string): Promise<void> {
  await storage.delete(prefix + backupId);
}

export async function recordedBackups(storage: Storage): Promise<ReadonlySet<string>> {
  const backupIds = new Set<string>();
  for await (const { name } of storage.list('marks/')) {
    const backupId = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (isBackupId(backupId)) backupIds.add(backupId);
  }
  return backupIds;
}

/** Recorded backups that are neither in `backups/` nor in `trash/`. Needs no lock. */
export async function missingBackups(storage: Storage): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const backupId of await recordedBackups(storage)) {
    if (!(await isThere(storage, backupId))) missing.push(backupId);
  }
  return missing;
}

/** Looks at `backups/` twice, since it may come back from the trash in between; the record goes first when it is purged. */
async function isThere(storage: Storage, backupId: string): Promise<boolean> {
  for (const folder of ['backups', 'trash', 'backups']) {
    if ((await storage.stat(`${folder}/${backupId}`)) !== undefined) return true;
  }
  return (await storage.stat(prefix + backupId)) === undefined;
}
