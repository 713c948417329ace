import { readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';

/** A file as a container reaches it: a folder of this machine to mount, and the path below. */
export type RealPlace = Readonly<{ folder: string; file: string }>;

/**
 * Where a file really is that may be a link, also one into folders that this user may not look into: a container that mounts the folder
 * of the link alone would find nothing there. Undefined where nothing is.
 */
export async function realPlace(folder: string, name: string): Promise<RealPlace | undefined> {
  const real = await followed(path.join(folder, name));
  if (real === undefined) return undefined;
  for (let above = path.dirname(real); ; above = path.dirname(above)) {
    if (await isFolder(above)) return { folder: above, file: path.relative(above, real) };
    if (above === path.dirname(above)) return undefined;
  }
}

async function followed(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    if (!hasCode(error, 'EACCES')) throw error;
  }
  // Further links, where this user may not look, are up to the container.
  return path.resolve(path.dirname(file), await readlink(file));
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'EACCES', 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
