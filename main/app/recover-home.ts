import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import type { RecoveredRestore } from '../backup/recover-restores.ts';
import type { Home } from './home/home.ts';

/**
 * What a killed engine left is put right before anything else runs: plaintext copies go, an interrupted restore is
 * finished or undone. Costs two looks at folders when there is nothing.
 */
export async function recoverHome({ folder }: Home): Promise<readonly RecoveredRestore[]> {
  if (await holdsAnything(path.join(folder, 'scratch'))) {
    const { sweepScratch } = await import('../backup/scratch.ts');
    await sweepScratch(folder);
  }
  if (!(await holdsAnything(path.join(folder, 'journals')))) return [];
  const { recoverRestores } = await import('../backup/recover-restores.ts');
  return await recoverRestores(folder);
}

async function holdsAnything(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
