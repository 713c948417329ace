import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import type { Place } from '../../../components/component-handler.ts';
import { renameNoReplaceSync } from '../../../platform/libc.ts';
import { pathText } from '../../../platform/path-text.ts';
import type { Xattr } from '../../../vault/listing/entry.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;
const separator = Buffer.from('/');
const sync = promisify(fs.fsync);

/** Owner, mode, times and attributes of a folder; times in ns since 1970. */
export type FolderMeta = Readonly<{
  mode: number;
  uid: number;
  gid: number;
  atimeNs: bigint;
  mtimeNs: bigint;
  /** Undefined: they stay as they are. */
  xattrs?: readonly Xattr[];
}>;

/** The path as people see it. */
export function placeText(place: Place): string {
  const below = pathText(place.path);
  return below === '' ? place.root : path.join(place.root, below);
}

export function placeAt(file: string): Place {
  return { root: path.dirname(file), path: Buffer.from(path.basename(file)) };
}

/** Components of a path of raw bytes; none for the empty path. */
export function splitPath(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const slash = bytes.indexOf(0x2f, start);
    const end = slash < 0 ? bytes.length : slash;
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

export function joinPath(...parts: readonly (Buffer | string)[]): Buffer {
  const filled = parts.map((part) => Buffer.from(part)).filter((part) => part.length > 0);
  return Buffer.concat(filled.flatMap((part, index) => (index === 0 ? [part] : [separator, part])));
}

/** A place further down. */
export function below(place: Place, ...parts: readonly (Buffer | string)[]): Place {
  return { root: place.root, path: joinPath(place.path, ...parts) };
}

/** Path of a name in an open folder: leads there whatever happens to the names above. */
export function inFolder(fd: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${String(fd)}/`), name]);
}

/**
 * Opens the folder at a place, component by component without following links, since an agent may swap any of them while we
 * walk. Undefined when a component is not there. The caller closes it.
 */
export function openFolder(place: Place): number | undefined {
  let fd: number;
  try {
    fd = fs.openSync(place.root, O_RDONLY | O_DIRECTORY);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    // The root is the trusted part: without it nothing can be told of the place (an unmounted disk, say).
    throw new AppError(
      'unavailable',
      `${place.root} is not there. Mount its disk or make the folder, then try again.`,
      {
        cause: error,
      },
    );
  }
  for (const name of splitPath(place.path)) {
    const parent = fd;
    try {
      fd = fs.openSync(inFolder(parent, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      if (!hasCode(error, 'ENOTDIR', 'ELOOP')) throw error;
      throw new AppError(
        'failed',
        `${placeText(place)} leads through a link or file. Remove "${pathText(name)}" there first.`,
        {
          cause: error,
        },
      );
    } finally {
      fs.closeSync(parent);
    }
  }
  return fd;
}

/** Calls `use` with the open folder that holds the place and the place's own path through it; undefined: no such folder. */
function withParent<T>(place: Place, use: (file: Buffer, parent: number) => T): T | undefined {
  const parts = splitPath(place.path);
  const name = parts.at(-1);
  if (name === undefined) throw new Error('A root has no place in a folder of its own.');
  const parent = openFolder({ root: place.root, path: joinPath(...parts.slice(0, -1)) });
  if (parent === undefined) return undefined;
  try {
    return use(inFolder(parent, name), parent);
  } finally {
    fs.closeSync(parent);
  }
}

/** What `lstat` says of the place; undefined when nothing is there. */
export function statPlace(place: Place): fs.BigIntStats | undefined {
  if (place.path.length === 0) return withFolder(place, (fd) => fs.fstatSync(fd, { bigint: true }));
  return withParent(place, (file) => statIfThere(file));
}

/** Calls `use` with the open folder at a place; undefined when it is not there. */
export function withFolder<T>(place: Place, use: (fd: number) => T): T | undefined {
  const fd = openFolder(place);
  if (fd === undefined) return undefined;
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

export function statIfThere(file: Buffer | string): fs.BigIntStats | undefined {
  return fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
}

/** Identity of what stands at a place: survives a rename. */
export function identityOf(stat: fs.BigIntStats): string {
  return `${String(stat.dev)}:${String(stat.ino)}`;
}

/** Renames only where nothing is. Not durable before the file systems are synced. */
export function renamePlace(from: Place, to: Place): void {
  const done = withParent(from, (source) =>
    withParent(to, (target) => {
      if (renameNoReplaceSync(source, target)) return true;
      if (statIfThere(target) !== undefined) {
        throw Object.assign(new Error(`EEXIST: ${placeText(to)} is taken`), { code: 'EEXIST' });
      }
      fs.renameSync(source, target);
      return true;
    }),
  );
  if (done !== true) {
    throw new AppError(
      'failed',
      `${placeText(from)} cannot be moved to ${placeText(to)}: a folder above is gone.`,
    );
  }
}

/** Makes names in the folders that hold these places durable. */
export async function syncParents(places: readonly Place[]): Promise<void> {
  const folders = new Map<string, Place>();
  for (const place of places) {
    const parent = { root: place.root, path: joinPath(...splitPath(place.path).slice(0, -1)) };
    folders.set(`${parent.root}\0${parent.path.toString('latin1')}`, parent);
  }
  for (const folder of folders.values()) {
    const fd = openFolder(folder);
    if (fd === undefined) continue;
    try {
      await sync(fd);
    } catch (error) {
      // Some network file systems refuse to sync folders; they order names themselves.
      if (!hasCode(error, 'EINVAL', 'ENOTSUP')) throw error;
    } finally {
      fs.closeSync(fd);
    }
  }
}
