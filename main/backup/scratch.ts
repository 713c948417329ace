import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import { tryLockFile } from '../platform/file-lock.ts';

/** A private folder (0700) of one run; removed when disposed, or by the next sweep when the process was killed. */
export interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

function scratchRoot(home: string): string {
  return path.join(home, 'scratch');
}

export async function openScratch(home: string): Promise<Scratch> {
  await mkdir(scratchRoot(home), { recursive: true, mode: 0o700 });
  const folder = path.join(scratchRoot(home), randomBytes(8).toString('hex'));
  const lock = await tryLockFile(`${folder}.lock`);
  if (lock === undefined) throw new Error('A random name was taken.');
  await mkdir(folder, { mode: 0o700 });
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
      await lock.removeAndRelease();
    },
  };
}

/** Removes what killed runs left, plaintext copies of databases among it. Folders of living runs stay. */
export async function sweepScratch(home: string): Promise<void> {
  const root = scratchRoot(home);
  let names: readonly string[];
  try {
    names = await readdir(root);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  for (const name of new Set(names.map((entry) => entry.replace(/\.lock$/u, '')))) {
    const lock = await tryLockFile(path.join(root, `${name}.lock`));
    if (lock === undefined) continue;
    await rm(path.join(root, name), { recursive: true, force: true });
    await lock.removeAndRelease();
  }
}
