import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import type { RecoveredJournals } from '../backup/restore/swap/recover-journals.ts';
import type { Home } from './home/home.ts';

/**
 * What a killed engine left is put right before anything else runs: plaintext copies go, held containers come back, an
 * interrupted restore is finished or undone. Costs two looks at folders when there is nothing.
 */
export async function recoverHome({ folder }: Home): Promise<RecoveredJournals> {
  if (await holdsAnything(path.join(folder, 'scratch'))) {
    const { sweepScratch } = await import('../backup/scratch.ts');
    await sweepScratch(folder);
  }
  if (!(await holdsAnything(path.join(folder, 'journals'))))
    return { restores: [], containers: [], leftovers: [] };
  const { recoverJournals } = await import('../backup/restore/swap/recover-journals.ts');
  return await recoverJournals(folder);
}

async function holdsAnything(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
