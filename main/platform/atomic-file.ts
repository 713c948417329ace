import { constants } from 'node:fs';
import { link, lstat, open, readFile, rename, rm, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../../shared/lib/app-error.ts';
import { libcProblem, renameNoReplaceSync, tryFlock } from './libc.ts';
import { isStillAt } from './named-file.ts';

const { O_CREAT, O_NOFOLLOW, O_RDONLY, O_DIRECTORY, O_RDWR } = constants;
const retryMs = 5;

/**
 * Writes a whole file in one durable step: a reader sees the old content or the new, also after a power cut. What a killed writer
 * left (one `.<name>.tmp` at most) is used by the next. Rejects with the system's error; the file is then as it was.
 */
export async function writeFileAtomic(
  file: string,
  parts: readonly Uint8Array[],
  options: Readonly<{ mode?: number }> = {},
): Promise<void> {
  const folder = path.dirname(file);
  const temporary = temporaryOf(file);
  const handle = await openTemporary(temporary, options.mode ?? 0o600);
  try {
    await writeAll(handle, parts);
    await handle.sync();
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await syncFolder(folder);
}

/** Removes a file, and what a killed writer left of it; durable when it resolves. No error when neither is there. */
export async function removeFileAtomic(file: string): Promise<void> {
  await rm(temporaryOf(file), { force: true });
  await rm(file, { force: true });
  await syncFolder(path.dirname(file));
}

/** The name of the file that a name in its folder is, or is the unfinished writing of. */
export function writtenName(name: string): string {
  return /^\.(?<written>.+)\.tmp$/u.exec(name)?.groups?.['written'] ?? name;
}

function temporaryOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.tmp`);
}

/** Writes every byte at the handle's place; a short write goes on where it ended. */
export async function writeAll(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    for (let done = 0; done < part.length;) {
      const { bytesWritten } = await handle.write(part, done, part.length - done);
      done += bytesWritten;
    }
  }
}

/** Makes names in a folder durable: after creating, renaming or removing one. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  const handle = await open(folder, O_RDONLY | O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems refuse to sync folders; they order names themselves.
    if (!hasCode(error, 'EINVAL') && !hasCode(error, 'ENOTSUP')) {
      throw error;
    }
  } finally {
    await handle.close();
  }
}

/**
 * Renames a file or folder within one file system, durably, only where nothing is: rejects with code EEXIST otherwise, EXDEV
 * across file systems.
 */
export async function renameWhereNothingIs(from: string, to: string): Promise<void> {
  if (!renameNoReplaceSync(from, to)) {
    await renameInSteps(from, to);
  }
  await syncFolder(path.dirname(to));
  if (path.dirname(from) !== path.dirname(to)) {
    await syncFolder(path.dirname(from));
  }
}

/** For file systems without the one-step call: exact for files, checked just before for folders, which cannot be linked. */
async function renameInSteps(from: string, to: string): Promise<void> {
  const stat = await lstat(from);
  if (!stat.isDirectory()) {
    await link(from, to);
    await unlink(from);
    return;
  }
  if (await isThere(to)) {
    throw Object.assign(new Error(`EEXIST: file already exists, rename '${from}' -> '${to}'`), {
      code: 'EEXIST',
    });
  }
  await rename(from, to);
}

/** Whether anything has this name, a dangling link too; rejects with the system's error where that cannot be told. */
export async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return false;
    }
    throw error;
  }
}

/** The content of a file, undefined where there is none; rejects with the system's error where that cannot be told. */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * One temporary name for each file, so that killed writers leave one file at most; writers of the same file take turns by a lock
 * on it, which ends with its holder.
 */
async function openTemporary(temporary: string, mode: number): Promise<FileHandle> {
  if (libcProblem() !== undefined) {
    await rm(temporary, { force: true });
    return await open(temporary, 'wx', mode);
  }
  for (;;) {
    const handle = await open(temporary, O_RDWR | O_CREAT | O_NOFOLLOW, mode);
    try {
      if (tryFlock(handle.fd) && (await isStillAt(handle, temporary))) {
        await handle.chmod(mode);
        await handle.truncate(0);
        return handle;
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    await delay(retryMs);
  }
}
