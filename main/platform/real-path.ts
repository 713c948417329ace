import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';

/** The real path; of what is not there yet, by the nearest folder that is. */
export async function realPath(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    // What this user may not look into can hold nothing of his.
    if (!hasCode(error, 'ENOENT', 'EACCES')) throw error;
    const parent = path.dirname(file);
    return parent === file ? file : path.join(await realPath(parent), path.basename(file));
  }
}

/** Whether a path is another one, or lies below it; both real. */
export function isPathWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || !(relative === '..' || relative.startsWith('../'));
}
