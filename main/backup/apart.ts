import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import type { BackupSettings } from '../../shared/model/settings.ts';
import { findHeldFolders } from '../components/held-folders.ts';
import { isPathWithin, realPath } from '../platform/real-path.ts';
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
  if (isPathWithin(vault, folder)) {
    throw new AppError(
      'refused',
      `The vault ${storage.location} lies inside ${root}, which is backed up. Move the vault elsewhere.`,
    );
  }
  if (isPathWithin(folder, vault)) {
    throw new AppError(
      'refused',
      `${root} lies inside the vault ${storage.location}. Keep vault and install apart.`,
    );
  }
}

type InstallFolders = Pick<TrinityInstall, 'folder' | 'dataFolder' | 'volumesRoot'>;

/**
 * Refuses an extra folder that holds, or lies in, the vault, the home or what is backed up anyway: it would be in each backup twice,
 * and no restore could put both back. Below the checkout and beside `/data` it may lie: only some of its files are backed up.
 */
export async function assertExtraPathApart(
  extra: string,
  around: Readonly<{ vaultFolder: string | undefined; home: string; install: InstallFolders | undefined }>,
): Promise<void> {
  const { vaultFolder, home, install } = around;
  const never = { 'the vault': vaultFolder, 'the home folder': home, "Trinity's data": install?.dataFolder };
  const notAround = { 'the install': install?.folder, "Docker's volumes": install?.volumesRoot };
  const folder = await realPath(extra);
  for (const [what, place] of Object.entries({ ...never, ...notAround })) {
    if (place === undefined) continue;
    const real = await realPath(place);
    const isIn = Object.hasOwn(never, what) && isPathWithin(folder, real);
    if (!isIn && !isPathWithin(real, folder)) continue;
    const how = isIn ? 'lies in' : 'holds';
    throw new AppError(
      'refused',
      `${extra} ${how} ${what} (${place}), which cannot be an extra folder. Name folders apart from it.`,
    );
  }
}

/** Refuses extra folders of which one holds another: what is in both could be backed up, but not put back. */
export async function assertExtraPathsApart(folders: readonly string[]): Promise<void> {
  const [first] = await findHeldFolders(folders);
  if (first === undefined) return;
  const { folder, holder } = first;
  throw new AppError(
    'refused',
    `${folder} lies in ${holder}, which is an extra folder too and holds it already. Name only one of them.`,
  );
}

/** Refuses a copy of the vault that lies in one of these places, or around it. `around` names them for people. */
export async function assertCopyApart(
  copy: string,
  around: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const folder = await realPath(copy);
  for (const [what, place] of Object.entries(around)) {
    if (place === undefined || !path.isAbsolute(place)) continue;
    const real = await realPath(place);
    const isIn = isPathWithin(folder, real);
    if (!isIn && !isPathWithin(real, folder)) continue;
    throw new AppError(
      'refused',
      `${copy} ${isIn ? 'lies in' : 'holds'} ${what} (${place}). Name a place for the copy apart from it.`,
    );
  }
}

/**
 * Refuses a folder for plain files that lies in the vault, the home, or anything that is backed up and is there: they would be
 * taken for a part of it.
 */
export async function assertTargetApart(
  target: string,
  roots: readonly (string | undefined)[],
): Promise<void> {
  const folder = await realPath(target);
  for (const root of roots) {
    if (root === undefined || !isPathWithin(folder, await realPath(root)) || !(await holdsAnything(root)))
      continue;
    const where = root === target ? 'is a folder' : `lies in ${root}, a folder`;
    throw new AppError(
      'usage',
      `${target} ${where} of the install, its vault or its home. Name a folder elsewhere.`,
    );
  }
}

async function holdsAnything(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    // It is there, whatever it holds.
    if (hasCode(error, 'EACCES')) return true;
    throw error;
  }
}
