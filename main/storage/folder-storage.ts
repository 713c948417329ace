import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import type { ErrorKind } from '../../shared/lib/app-error.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { boundedCall } from './bounded-call.ts';
import { away, FolderRoot, makeFolder } from './folder/folder-root.ts';
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
const unfinishedNames: ReadonlySet<string> = new Set(['tmp', 'reserve', 'keys', 'locks', 'lost+found']);
/** What only a vault with backups has. */
const dataNames: ReadonlySet<string> = new Set(['packs', 'index', 'backups', 'trash']);

/** Opens the folder of a vault. Nothing is made: without a vault's header there it may be the mount point of an absent disk. */
export async function openFolderStorage(
  folder: string,
  options: OpenFolderOptions = {},
): Promise<FolderStorage> {
  return await opening(folder, async () => {
    const root = await openRoot(folder, options);
    if (!root.hasHeader) throw await withoutHeader(folder, options);
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

/** Of a vault that lost its header the rest is there. Nothing here may lead anybody to make a new vault in this place. */
async function withoutHeader(folder: string, options: OpenFolderOptions): Promise<AppError> {
  const names = await readdir(folder);
  if (!names.some((name) => dataNames.has(name))) return absent(folder, options);
  return new AppError(
    'damaged',
    `Both copies of the vault's header at ${folder} are missing. Put vault.json back from a copy of the vault.`,
  );
}

function absent(folder: string, { absentKind = 'unavailable' }: OpenFolderOptions): AppError {
  if (absentKind === 'unavailable') return away(folder);
  return new AppError(
    absentKind,
    `There is no vault at ${folder}. Check the location, and that the disk or network share that holds the vault is mounted.`,
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
  if (names.includes('vault.json') || names.includes('vault-copy.json')) {
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
