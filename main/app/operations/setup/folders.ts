import { constants, type Dir } from 'node:fs';
import { access, opendir, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import { compareNames } from '../../../../shared/lib/name-order.ts';
import type { InstallSettings } from '../../../../shared/model/settings.ts';
import { boundedCall } from '../../../storage/bounded-call.ts';
import { diskSpace } from '../../../storage/folder/local-disk.ts';
import { operation } from '../../operation.ts';

const folderPath = z.string().startsWith('/').max(4096);
/** What a page can show, and what is read at most for it: a folder may hold millions of files. */
const mostFolders = 1000;
const mostRead = 20_000;
const limitMs = 10_000;

export type FolderList = Readonly<{
  folder: string;
  /** Null at the root. */
  parent: string | null;
  folders: readonly string[];
  /** There are more than are told. */
  isCut: boolean;
}>;

/**
 * The names of the folders in one, that of the user at first: nothing of files, nor of what links lead to. `not-found`, `refused`, or
 * `unavailable` where its disk does not answer.
 */
export const foldersList = operation(
  z.strictObject({ folder: folderPath.optional() }),
  async (_engine, { folder: asked }, { signal }): Promise<FolderList> => {
    const folder = path.resolve(asked ?? homedir());
    const names = await boundedCall({ limitMs, signal, place: folder }, async () => await namesIn(folder));
    const parent = path.dirname(folder);
    const sorted = names.folders.toSorted(compareNames);
    return {
      folder,
      parent: parent === folder ? null : parent,
      folders: sorted.slice(0, mostFolders),
      isCut: names.isCut || sorted.length > mostFolders,
    };
  },
);

async function namesIn(folder: string): Promise<Readonly<{ folders: readonly string[]; isCut: boolean }>> {
  const folders: string[] = [];
  let read = 0;
  for await (const entry of await openFolder(folder)) {
    read += 1;
    if (read > mostRead) return { folders, isCut: true };
    // A name that is no text could not be asked for again.
    if (entry.isDirectory() && !entry.name.includes('\u{FFFD}')) folders.push(entry.name);
  }
  return { folders, isCut: false };
}

async function openFolder(folder: string): Promise<Dir> {
  try {
    return await opendir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new AppError('not-found', `There is no folder ${folder}.`);
    if (hasCode(error, 'ENOTDIR')) throw new AppError('not-found', `${folder} is no folder.`);
    if (hasCode(error, 'EACCES', 'EPERM'))
      throw new AppError('refused', `This user may not look into ${folder}: type the path instead.`);
    throw error;
  }
}

export type FolderLook = Readonly<{
  folder: string;
  state: 'missing' | 'empty' | 'used' | 'vault' | 'no-folder';
  /** Of its disk, or of the one that it would lie on. */
  freeBytes: number;
  totalBytes: number;
  /** Null while no install is set. */
  isOnInstallDisk: boolean | null;
  isWritable: boolean;
}>;

/** Whether a vault could lie in a folder, which may not be there yet. Changes nothing. */
export const foldersLook = operation(
  z.strictObject({ folder: folderPath }),
  async (engine, { folder: asked }, { signal }): Promise<FolderLook> => {
    const folder = path.resolve(asked);
    const { install } = (await engine.settings.read()).settings;
    return await boundedCall({ limitMs, signal, place: folder }, async () => await lookAt(folder, install));
  },
);

async function lookAt(folder: string, install: InstallSettings | undefined): Promise<FolderLook> {
  const standing = await nearestStanding(folder);
  return {
    folder,
    state: await stateOf(folder, standing),
    ...(await diskSpace(standing)),
    isOnInstallDisk: install === undefined ? null : await isOnDiskOf(standing, install),
    isWritable: await isWritable(standing),
  };
}

/** The folder itself, or the nearest above it that is there. */
async function nearestStanding(folder: string): Promise<string> {
  const found = await statOf(folder);
  const parent = path.dirname(folder);
  return found !== undefined || parent === folder ? folder : await nearestStanding(parent);
}

async function stateOf(folder: string, standing: string): Promise<FolderLook['state']> {
  if ((await statOf(standing))?.isDirectory() !== true) return 'no-folder';
  if (standing !== folder) return 'missing';
  if ((await statOf(path.join(folder, 'vault.json'))) !== undefined) return 'vault';
  try {
    return (await readdir(folder)).length === 0 ? 'empty' : 'used';
  } catch (error) {
    // What may not be looked into holds something, for all that is known.
    if (hasCode(error, 'EACCES', 'EPERM')) return 'used';
    throw error;
  }
}

/** Checkout and volumes may lie on two disks; either one lost is a loss. */
async function isOnDiskOf(standing: string, { folder, volumesRoot }: InstallSettings): Promise<boolean> {
  const device = (await statOf(standing))?.dev;
  const live = [
    folder,
    path.join(folder, 'trinity-data'),
    ...(volumesRoot === undefined ? [] : [volumesRoot]),
  ];
  const devices = await Promise.all(live.map(async (each) => (await statOf(each))?.dev));
  return device !== undefined && devices.includes(device);
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

async function statOf(file: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}
