import { lstat, opendir } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { isObjectName } from '../object-name.ts';
import type { ObjectInfo } from '../storage.ts';
import type { FolderRoot } from './folder-root.ts';

const batchSize = 64;
/** Each holds a thread; where the place does not answer some must be left for other work. */
const looksAtOnce = 4;

/**
 * The objects below a prefix in batches, links and foreign names left out. Throws as `unavailable` when the folder is no longer the
 * vault's at the end: a list cut short by an unmount would look as if objects were gone.
 */
export async function* listFolder(root: FolderRoot, prefix: string): AsyncGenerator<readonly ObjectInfo[]> {
  await root.assertThere();
  if (await root.hasParents(`${prefix}x`)) {
    const folders = [prefix];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for await (const entries of readFolder(root, folder)) {
        const found = await lookAtAll(root, folder, entries);
        folders.push(...found.flatMap((item) => (item?.kind === 'folder' ? [`${item.name}/`] : [])));
        const objects = found.flatMap((item) => (item?.kind === 'object' ? [item.info] : []));
        if (objects.length > 0) yield objects;
      }
    }
  }
  await root.assertThere();
}

async function lookAtAll(
  root: FolderRoot,
  folder: string,
  entries: readonly Dirent[],
): Promise<readonly (Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  const queue = entries.entries();
  const work = async (): Promise<void> => {
    for (const [index, entry] of queue) found[index] = await look(root, folder, entry);
  };
  await Promise.all(Array.from({ length: looksAtOnce }, work));
  return found;
}

type Found = Readonly<{ kind: 'folder'; name: string }> | Readonly<{ kind: 'object'; info: ObjectInfo }>;

/** What an entry is; undefined when it is none of ours. File systems that do not tell kinds while listing are asked by `lstat`. */
async function look(root: FolderRoot, folder: string, entry: Dirent): Promise<Found | undefined> {
  const name = `${folder}${entry.name}`;
  if (!isObjectName(name)) return undefined;
  if (entry.isDirectory()) return { kind: 'folder', name };
  const info = await lstatOrNone(root.pathOf(name));
  if (info?.isDirectory() === true) return { kind: 'folder', name };
  return info?.isFile() === true
    ? { kind: 'object', info: { name, size: info.size, modifiedMs: info.mtimeMs } }
    : undefined;
}

/** The plain facts of one object; undefined where none is. */
export async function statObject(root: FolderRoot, name: string): Promise<ObjectInfo | undefined> {
  const info = await lstatOrNone(root.pathOf(name));
  return info?.isFile() === true ? { name, size: info.size, modifiedMs: info.mtimeMs } : undefined;
}

async function* readFolder(root: FolderRoot, folder: string): AsyncGenerator<readonly Dirent[]> {
  let batch: Dirent[] = [];
  try {
    for await (const entry of await opendir(root.pathOf(folder), { bufferSize: batchSize })) {
      batch.push(entry);
      if (batch.length === batchSize) {
        yield batch;
        batch = [];
      }
    }
  } catch (error) {
    // Removed meanwhile; whether the whole vault went away is asked at the end.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  if (batch.length > 0) yield batch;
}

async function lstatOrNone(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
