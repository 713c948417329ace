import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import type { BackupSettings } from '../../shared/model/settings.ts';
import type { Storage } from '../storage/storage.ts';
import type { TrinityInstall } from '../trinity/install.ts';

/**
 * Refuses a vault that lies inside what is backed up, or around it: each backup would hold the ones before, and a restore would
 * swap the vault away. Compared are real paths, so links hide nothing. Call it before anything is made.
 */
export async function assertVaultApart(
  storage: Pick<Storage, 'isLocal' | 'location'>,
  install: Pick<TrinityInstall, 'folder' | 'dataFolder' | 'volumesRoot'>,
  settings: Pick<BackupSettings, 'paths'>,
): Promise<void> {
  const roots = [install.folder, install.dataFolder, install.volumesRoot, ...settings.paths];
  for (const root of roots) if (root !== undefined) await assertRootApart(storage, root);
}

/** The same for one folder that is copied or written. */
export async function assertRootApart(
  storage: Pick<Storage, 'isLocal' | 'location'>,
  root: string,
): Promise<void> {
  if (!path.isAbsolute(storage.location)) return;
  const [vault, folder] = await Promise.all([realPath(storage.location), realPath(root)]);
  if (isWithin(vault, folder)) {
    throw new AppError(
      'refused',
      `The vault ${storage.location} lies inside ${root}, which is backed up. Move the vault elsewhere.`,
    );
  }
  if (isWithin(folder, vault)) {
    throw new AppError(
      'refused',
      `${root} lies inside the vault ${storage.location}. Keep vault and install apart.`,
    );
  }
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || !(relative === '..' || relative.startsWith('../'));
}

/** The real path; of what is not there yet, by the nearest folder that is. */
async function realPath(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    const parent = path.dirname(file);
    return parent === file ? file : path.join(await realPath(parent), path.basename(file));
  }
}
