import { lstat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hasCode } from '../../shared/lib/app-error.ts';

/** Whether a path still names the open file: somebody may have removed it or renamed another one there. */
export async function isStillAt(handle: FileHandle, file: string): Promise<boolean> {
  const opened = await handle.stat({ bigint: true });
  try {
    const named = await lstat(file, { bigint: true });
    return named.ino === opened.ino && named.dev === opened.dev;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return false;
    }
    throw error;
  }
}
