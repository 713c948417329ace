import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import type { Engine } from './engine.ts';

/**
 * What a killed engine left is put right before anything else runs: plaintext copies go, an interrupted restore is finished or
 * undone. Costs two looks at folders when there is nothing.
 */
export async function recoverHome(engine: Engine): Promise<void> {
  const { folder } = engine.home;
  if (await holdsAnything(path.join(folder, 'scratch'))) {
    const { sweepScratch } = await import('../backup/scratch.ts');
    await sweepScratch(folder);
  }
}

async function holdsAnything(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
