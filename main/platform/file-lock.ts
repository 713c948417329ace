import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../../shared/lib/app-error.ts';
import { tryFlock } from './libc.ts';
import { isStillAt } from './named-file.ts';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
// A probe (`isFileLocked`) holds the lock for microseconds: a taker that meets one tries again.
const attempts = 4;
const retryMs = 5;

/** A lock of the operating system on a file: it ends when disposed or when the process dies, however it dies. */
export interface FileLock extends AsyncDisposable {
  readonly path: string;
  /** Removes the file too, so that lock files of single use do not pile up. */
  removeAndRelease(): Promise<void>;
}

/** Takes the exclusive lock on a file, which is made (0600) where it is not; undefined when another holds it, in this process too. */
export async function tryLockFile(path: string): Promise<FileLock | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const handle = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    if (await isLockedByUs(handle, path)) {
      // Keeps cleaners of temporary folders, which go by age, from removing a lock file in use.
      await handle.utimes(new Date(), new Date());
      return lockOf(handle, path);
    }
    await handle.close();
    await delay(retryMs);
  }
  return undefined;
}

/** Whether somebody holds the lock on a file; false where there is no file. */
export async function isFileLocked(path: string): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDWR | O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return false;
    }
    throw error;
  }
  try {
    return !tryFlock(handle.fd);
  } finally {
    await handle.close();
  }
}

/** Takes the lock and checks that the file was not removed meanwhile: a lock on a removed file excludes nobody. */
async function isLockedByUs(handle: FileHandle, path: string): Promise<boolean> {
  try {
    return tryFlock(handle.fd) && (await isStillAt(handle, path));
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function lockOf(handle: FileHandle, path: string): FileLock {
  let isHeld = true;
  const release = async (remove: boolean): Promise<void> => {
    if (!isHeld) {
      return;
    }
    isHeld = false;
    try {
      // While it is still locked: afterwards it could be the next holder's.
      if (remove) {
        await unlink(path);
      }
    } finally {
      await handle.close();
    }
  };
  return {
    path,
    removeAndRelease: async () => await release(true),
    [Symbol.asyncDispose]: async () => await release(false),
  };
}
