import { createFolderStorage, openFolderStorage } from './folder-storage.ts';
import type { OpenFolderOptions } from './folder-storage.ts';
import type { Location } from './location.ts';
import type { S3StorageOptions } from './s3/open-s3-storage.ts';
import type { Storage } from './storage.ts';
import { loadTestHook } from './test-hook.ts';

export type OpenStorageOptions = Pick<OpenFolderOptions, 'absentKind' | 'stallLimitMs' | 'reserveBytes'> &
  Pick<S3StorageOptions, 'credentials' | 'limits'>;

/** Opens the storage of an existing vault. */
export async function openStorage(location: Location, options: OpenStorageOptions = {}): Promise<Storage> {
  const all = { ...options, ...(await loadTestHook(process.env)) };
  if (location.kind === 'folder') return await openFolderStorage(location.path, all);
  const { openS3Storage } = await import('./s3/open-s3-storage.ts');
  return await openS3Storage(location.place, all);
}

/** Makes the storage of a new vault, for `init` alone. */
export async function createStorage(location: Location, options: OpenStorageOptions = {}): Promise<Storage> {
  const all = { ...options, ...(await loadTestHook(process.env)) };
  if (location.kind === 'folder') return await createFolderStorage(location.path, all);
  const { createS3Storage } = await import('./s3/open-s3-storage.ts');
  return await createS3Storage(location.place, all);
}
