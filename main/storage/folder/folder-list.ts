import { lstat, readdir } from 'node:fs/promises';
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
    while (folders.length > 0) {
      const some = folders.splice(0, looksAtOnce);
      const names = (await Promise.all(some.map(async (folder) => await namesIn(root, folder)))).flat();
      for (let at = 0; at < names.length; at += batchSize) {
        const found = await lookAtAll(root, names.slice(at, at + batchSize));
        folders.push(...found.flatMap((item) => (item?.kind === 'folder' ? [`${item.name}/`] : [])));
        const objects = found.flatMap((item) => (item?.kind === 'object' ? [item.info] : []));
        if (objects.length > 0) yield objects;
      }
    }
  }
  await root.assertThere();
}

/** Name within the vault, and what the listing of its folder said of it. */
type Named = Readonly<{ name: string; entry: Dirent }>;

async function lookAtAll(root: FolderRoot, names: readonly Named[]): Promise<readonly (Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  const queue = names.entries();
  const work = async (): Promise<void> => {
    for (const [index, named] of queue) found[index] = await look(root, named);
  };
  await Promise.all(Array.from({ length: looksAtOnce }, work));
  return found;
}

type Found = Readonly<{ kind: 'folder'; name: string }> | Readonly<{ kind: 'object'; info: ObjectInfo }>;

/** What an entry is; undefined when it is none of ours. File systems that do not tell kinds while listing are asked by `lstat`. */
async function look(root: FolderRoot, { name, entry }: Named): Promise<Found | undefined> {
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

async function namesIn(root: FolderRoot, folder: string): Promise<readonly Named[]> {
  try {
    const entries = await readdir(root.pathOf(folder), { withFileTypes: true });
    return entries.map((entry) => ({ name: `${folder}${entry.name}`, entry }));
  } catch (error) {
    // Removed meanwhile; whether the whole vault went away is asked at the end.
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function lstatOrNone(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
