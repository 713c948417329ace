import { AppError } from '../../shared/lib/app-error.ts';
import { createFolderStorage, openFolderStorage } from './folder-storage.ts';
import type { OpenFolderOptions } from './folder-storage.ts';
import type { Location } from './location.ts';
import type { Storage } from './storage.ts';
import { loadTestHook } from './test-hook.ts';

export type OpenStorageOptions = Pick<OpenFolderOptions, 'absentKind' | 'stallLimitMs' | 'reserveBytes'>;

/** Opens the storage of an existing vault. */
export async function openStorage(location: Location, options: OpenStorageOptions = {}): Promise<Storage> {
  return await openFolderStorage(folderOf(location), await withHook(options));
}

/** Makes the storage of a new vault, for `init` alone. */
export async function createStorage(location: Location, options: OpenStorageOptions = {}): Promise<Storage> {
  return await createFolderStorage(folderOf(location), await withHook(options));
}

function folderOf(location: Location): string {
  if (location.kind === 'folder') return location.path;
  throw new AppError(
    'unavailable',
    `This version keeps vaults in folders only, not at ${location.url}. Name a folder instead.`,
  );
}

async function withHook(options: OpenStorageOptions): Promise<OpenFolderOptions> {
  return { ...options, ...(await loadTestHook(process.env)) };
}
