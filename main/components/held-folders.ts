import { stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import { isPathWithin, realPath } from '../platform/real-path.ts';

/**
 * Folders that another of them holds, through links too; of two names of one folder the later. One on a file system of its own is
 * not held: a copy of the outer folder does not go into it.
 */
export async function findHeldFolders(
  folders: readonly string[],
): Promise<readonly Readonly<{ folder: string; holder: string }>[]> {
  const places = await Promise.all(folders.map(async (folder) => ({ folder, ...(await placeOf(folder)) })));
  return places.flatMap((inner, index) => {
    const holder = places.find(
      (outer, other) =>
        other !== index &&
        outer.device === inner.device &&
        isPathWithin(inner.real, outer.real) &&
        (outer.real !== inner.real || other < index),
    );
    return holder === undefined ? [] : [{ folder: inner.folder, holder: holder.folder }];
  });
}

async function placeOf(folder: string): Promise<Readonly<{ real: string; device: number | undefined }>> {
  try {
    return { real: await realPath(folder), device: await deviceOf(folder) };
  } catch {
    // What cannot be looked at cannot be copied either, and is told then.
    return { real: folder, device: undefined };
  }
}

/** The file system of a folder; of what is not there yet, that of the nearest folder that is. */
async function deviceOf(file: string): Promise<number> {
  try {
    return (await stat(file)).dev;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return await deviceOf(path.dirname(file));
  }
}
