import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import type { ErrorKind } from '../../shared/lib/app-error.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { boundedCall } from './bounded-call.ts';
import { FolderRoot, makeFolder } from './folder/folder-root.ts';
import { FolderStorage } from './folder/folder-storage.ts';
import type { FolderStorageOptions } from './folder/folder-storage.ts';
import { isOnLocalDisk } from './folder/local-disk.ts';
import { storageError } from './storage-error.ts';

export type OpenFolderOptions = FolderStorageOptions &
  Readonly<{
    /** The kind of the error when no vault is there: `unavailable` (a disk that is not mounted) unless said otherwise. */
    absentKind?: ErrorKind;
  }>;

const openLimitMs = 30_000;
/** What a killed `init` may have left, before there was a vault. Anything else is not ours to build on. */
const unfinishedNames: ReadonlySet<string> = new Set([
  'tmp',
  'reserve',
  'keys',
  'locks',
  'vault-copy.json',
  'lost+found',
]);

/** Opens the folder of a vault. Nothing is made: without a vault's header there it may be the mount point of an absent disk. */
export async function openFolderStorage(
  folder: string,
  options: OpenFolderOptions = {},
): Promise<FolderStorage> {
  return await opening(folder, async () => {
    const root = await openRoot(folder, options);
    if (!root.hasHeader) throw absent(folder, options);
    return new FolderStorage(root, await isOnLocalDisk(folder), options);
  });
}

/** Makes the folder of a new vault, for `init` alone; `refused` where a vault or anything foreign is. */
export async function createFolderStorage(
  folder: string,
  options: FolderStorageOptions = {},
): Promise<FolderStorage> {
  return await opening(folder, async () => {
    await makeFolders(folder);
    await assertFree(folder);
    await makeFolder(join(folder, 'tmp'));
    const storage = new FolderStorage(await FolderRoot.open(folder), await isOnLocalDisk(folder), options);
    await storage.restoreReserve();
    return storage;
  });
}

async function opening<Result>(folder: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await boundedCall({ limitMs: openLimitMs, signal: undefined, place: folder }, run);
  } catch (error) {
    throw storageError(error, { place: folder, what: 'the folder' });
  }
}

async function openRoot(folder: string, options: OpenFolderOptions): Promise<FolderRoot> {
  try {
    return await FolderRoot.open(folder);
  } catch (error) {
    throw error instanceof AppError && error.kind === 'unavailable' ? absent(folder, options) : error;
  }
}

function absent(folder: string, options: OpenFolderOptions): AppError {
  return new AppError(
    options.absentKind ?? 'unavailable',
    `There is no vault at ${folder}. Connect and mount the disk that holds it, or make a new vault with init.`,
  );
}

async function makeFolders(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  // Undefined: it was there. Else every new name is made durable, from the innermost out.
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function assertFree(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.includes('vault.json')) {
    throw new AppError(
      'usage',
      `There is a vault at ${folder} already. Open it with connect, or name another folder.`,
    );
  }
  if (names.some((name) => !unfinishedNames.has(name))) {
    throw new AppError(
      'usage',
      `The folder ${folder} is not empty. Name a new or empty folder for the vault.`,
    );
  }
}
