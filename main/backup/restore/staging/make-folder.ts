import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';

export async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, mode);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    throw new AppError(
      'failed',
      `${path.dirname(folder)} cannot be written. Give this user the right to, then try again.`,
      {
        cause: error,
      },
    );
  }
}

/** Nothing that is there already is ever taken for ours: it could be anything. */
export async function makeNew(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new AppError('refused', `${folder} is there already. Move it away, then try again.`, {
      cause: error,
    });
  }
}

/** Folders that have to be made for this one to be there, outermost first. */
export function missingFolders(folder: string): readonly string[] {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return [];
  if (stat !== undefined)
    throw new AppError('refused', `${folder} is no folder. Move it away, then try again.`);
  return [...missingFolders(path.dirname(folder)), folder];
}
