import { readdir } from 'node:fs/promises';
import { hasCode } from '../../shared/lib/app-error.ts';

/** Why volumes cannot be read in a folder; undefined when they can. */
export async function volumesRootProblem(folder: string): Promise<'missing' | 'unreadable' | undefined> {
  try {
    await readdir(folder);
    return undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return 'missing';
    if (hasCode(error, 'EACCES', 'EPERM')) return 'unreadable';
    throw error;
  }
}
