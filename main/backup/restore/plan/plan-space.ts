import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { hasCode } from '../../../../shared/lib/app-error.ts';

/** So much is going to be written below a folder that need not be there yet. */
export type SpaceNeed = Readonly<{ folder: string; bytes: number }>;

type Sum = { folder: string; neededBytes: number; freeBytes: number };

/** What is needed and what is free, by file system. A folder that is not on this machine is left out. */
export async function sumSpace(needs: readonly SpaceNeed[]): Promise<RestorePlan['space']> {
  const sums = new Map<number, Sum>();
  for (const { folder, bytes } of needs) {
    const there = bytes === 0 ? undefined : await nearestFolder(folder);
    if (there === undefined) continue;
    const { bavail, bsize } = await statfs(there.folder);
    const known = sums.get(there.device) ?? {
      folder: there.folder,
      neededBytes: 0,
      freeBytes: bavail * bsize,
    };
    sums.set(there.device, { ...known, neededBytes: known.neededBytes + bytes });
  }
  return [...sums.values()];
}

async function nearestFolder(
  folder: string,
): Promise<Readonly<{ folder: string; device: number }> | undefined> {
  try {
    return { folder, device: (await stat(folder)).dev };
  } catch (error) {
    if (hasCode(error, 'EACCES')) return undefined;
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    const parent = path.dirname(folder);
    return parent === folder ? undefined : await nearestFolder(parent);
  }
}
