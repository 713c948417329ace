import { lstat, mkdir, opendir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { compareNames } from '../../shared/lib/name-order.ts';
import { syncFolder, writeFileAtomic } from '../platform/atomic-file.ts';
import { readSmallFile, unreadable } from './small-file.ts';
import { isVolumeName } from './volume-name.ts';

/** One volume on disk. `labels` is undefined where they are not known: Docker keeps them in a database of its own. */
export type StoredVolume = Readonly<{
  name: string;
  /** Absolute path of its `_data`. */
  folder: string;
  labels: Readonly<Record<string, string>> | undefined;
}>;

const maxMetaBytes = 1024 * 1024;
const labelsShape = z.record(z.string().max(255), z.string().max(4096));
// Docker's own `volume inspect` writes `Labels`.
const metaShape = z.object({ labels: labelsShape.optional(), Labels: labelsShape.nullish() });

/**
 * The volumes in Docker's on-disk layout, `<root>/<volume>/_data`, by name. Symlinks are never followed: a linked volume or
 * `_data` is none. Labels are read from `<root>/<volume>/meta.json` where there is one.
 */
export async function listVolumes(root: string): Promise<readonly StoredVolume[]> {
  const names = await namesOfFolders(root);
  const found = await Promise.all(names.filter(isVolumeName).map((name) => readVolume(root, name)));
  return found.filter((volume) => volume !== undefined);
}

/** One volume by its name; undefined when it is not there or no folder. */
export async function readVolume(root: string, name: string): Promise<StoredVolume | undefined> {
  if (!isVolumeName(name)) return undefined;
  const folder = join(root, name, '_data');
  if (!(await isRealFolder(join(root, name))) || !(await isRealFolder(folder))) return undefined;
  return { name, folder, labels: await readLabels(join(root, name, 'meta.json')) };
}

/** Makes an empty volume, durably, and returns its `_data`. Refused where anything is, so nothing is ever mixed into a volume. */
export async function createVolume(
  root: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  if (!isVolumeName(name))
    throw new AppError('refused', 'A volume has a name that Docker would refuse. Leave it out.');
  const volume = join(root, name);
  try {
    await mkdir(volume, { mode: 0o701 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new AppError('refused', `${volume} is there already. Move it away, then try again.`, {
      cause: error,
    });
  }
  const folder = join(volume, '_data');
  await mkdir(folder, { mode: 0o755 });
  await writeFileAtomic(join(volume, 'meta.json'), [Buffer.from(`${JSON.stringify({ labels }, null, 2)}\n`)]);
  await syncFolder(root);
  return folder;
}

export type FolderSize = Readonly<{ files: number; bytes: number }>;

/** What a tree holds, symlinks not followed, hard links counted once for each name. What may not be read is passed over. */
export async function folderSize(folder: string | Buffer, signal: AbortSignal): Promise<FolderSize> {
  const size = { files: 0, bytes: 0 };
  for await (const { bytes } of filesBelow(folder, signal)) {
    size.files += 1;
    size.bytes += bytes;
  }
  return size;
}

/** Everything below a folder but folders, by absolute paths: names are bytes. Files that take less than their size count what they take. */
export async function* filesBelow(
  folder: string | Buffer,
  signal: AbortSignal,
): AsyncGenerator<Readonly<{ path: Buffer; bytes: number }>> {
  const waiting: Buffer[] = [Buffer.from(folder)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    signal.throwIfAborted();
    for await (const { path, isFolder } of childrenOf(next)) {
      if (isFolder) waiting.push(path);
      else yield { path, bytes: await bytesOf(path) };
    }
  }
}

async function* childrenOf(folder: Buffer): AsyncGenerator<Readonly<{ path: Buffer; isFolder: boolean }>> {
  try {
    // Names are bytes; the types of Node know only text here.
    const options = { encoding: 'buffer' as BufferEncoding };
    for await (const entry of await opendir(folder, options)) {
      const name: unknown = entry.name;
      const bytes = Buffer.isBuffer(name) ? name : Buffer.from(entry.name);
      yield { path: Buffer.concat([folder, Buffer.from('/'), bytes]), isFolder: entry.isDirectory() };
    }
  } catch (error) {
    if (!isGoneOrForbidden(error)) throw error;
  }
}

async function bytesOf(path: Buffer): Promise<number> {
  try {
    const stat = await lstat(path);
    return stat.isFile() ? Math.min(stat.size, stat.blocks * 512) : 0;
  } catch (error) {
    if (isGoneOrForbidden(error)) return 0;
    throw error;
  }
}

function isGoneOrForbidden(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM');
}

async function namesOfFolders(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted(compareNames);
  } catch (error) {
    throw unreadable(root, error);
  }
}

async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw unreadable(path, error);
  }
}

async function readLabels(file: string): Promise<Readonly<Record<string, string>> | undefined> {
  const text = (await readSmallFile(file, maxMetaBytes))?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    const meta = metaShape.safeParse(JSON.parse(text));
    return meta.success ? (meta.data.labels ?? meta.data.Labels ?? {}) : undefined;
  } catch (error) {
    // Labels are a help, not a condition: a meta.json that is no JSON says nothing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
