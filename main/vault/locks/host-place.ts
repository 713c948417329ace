import { createHash, randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { tryLockFile } from '../../platform/file-lock.ts';
import type { FileLock } from '../../platform/file-lock.ts';
import { libcProblem } from '../../platform/libc.ts';

/** The folder of this host in which locks of the operating system tell at once that an owner has died. */
export interface HostPlace {
  /** Stands in lock records: only who has the same may judge an owner by the locks of this folder. 32 hexadecimal digits. */
  readonly id: string;
  /** Undefined when a process of this host holds it. */
  tryLock(name: string): Promise<FileLock | undefined>;
}

/**
 * Makes the folder (0700) where it is missing; `refused` when it could be somebody else's. `scope` tells locks apart that have the
 * same name and are not of the same thing: nobody judges an owner by a lock of another scope.
 */
export async function openHostPlace(folder: string, hostHash: string, scope = ''): Promise<HostPlace> {
  const info = await makeLockFolder(folder);
  const isForeign = process.getuid !== undefined && info.uid !== BigInt(process.getuid());
  if (!info.isDirectory() || isForeign || (info.mode & 0o022n) !== 0n) {
    throw new AppError(
      'refused',
      `Others may write ${folder}, so locks there prove nothing. Remove it and try again.`,
    );
  }
  if (libcProblem() !== undefined) return placeWithoutLocks();
  // Containers may share a host's name and id, but not this folder: its inode and birth tell them apart, on paper nothing of it.
  const text = [hostHash, info.dev, info.ino, info.birthtimeNs, ...(scope === '' ? [] : [scope])].join('\n');
  const prefix = scope === '' ? '' : `${createHash('sha256').update(scope).digest('hex').slice(0, 16)}-`;
  return {
    id: createHash('sha256').update(text).digest('hex').slice(0, 32),
    tryLock: async (name) => await tryLockFile(join(folder, prefix + name)),
  };
}

async function makeLockFolder(folder: string): Promise<BigIntStats> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await lstat(folder, { bigint: true });
  } catch (error) {
    const message = `The folder ${folder}, which holds locks, cannot be made. Give this user the right to write there.`;
    throw new AppError('failed', message, { cause: error });
  }
}

/** Where the system's locks cannot be reached no owner is ever proven dead: every place is another, records end by their age. */
function placeWithoutLocks(): HostPlace {
  const nothing = async (): Promise<void> => await Promise.resolve();
  return {
    id: randomBytes(16).toString('hex'),
    tryLock: async (path) =>
      await Promise.resolve({ path, removeAndRelease: nothing, [Symbol.asyncDispose]: nothing }),
  };
}
