import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import { removeFileAtomic, syncFolder, writeFileAtomic, writtenName } from './atomic-file.ts';
import { type FileLock, tryLockFile } from './file-lock.ts';

/**
 * A file whose owner holds the lock beside it as long as it lives; whoever gets that lock takes over what a dead owner left. It is
 * removed with its lock and with what a kill in the middle of writing left of it.
 */
export class OwnedFile implements AsyncDisposable {
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(file: string, lock: FileLock) {
    this.path = file;
    this.#lock = lock;
  }

  /** Begins a file, in a folder that is made (0700) where it is not. Durable when it resolves; undefined while another owns it. */
  static async begin(file: string, first: Uint8Array): Promise<OwnedFile | undefined> {
    const folder = path.dirname(file);
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(path.dirname(folder));
    const lock = await tryLockFile(ownerLockOf(file));
    if (lock === undefined) return undefined;
    try {
      await writeFileAtomic(file, [first]);
      return new OwnedFile(file, lock);
    } catch (error) {
      await lock.removeAndRelease();
      throw error;
    }
  }

  /**
   * What a dead owner left; undefined while the owner lives, or where nothing is left. `read` gives undefined where there is no file;
   * what it throws leaves the file as it is, for the next who tries.
   */
  static async takeOver<Content>(
    file: string,
    read: (file: string) => Promise<Content | undefined>,
  ): Promise<Readonly<{ owned: OwnedFile; content: Content }> | undefined> {
    const lock = await tryLockFile(ownerLockOf(file));
    if (lock === undefined) return undefined;
    try {
      const content = await read(file);
      if (content !== undefined) return { owned: new OwnedFile(file, lock), content };
      // Its owner was killed before it was there: nothing was begun.
      await removeFileAtomic(file);
      await lock.removeAndRelease();
      return undefined;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Durable when it resolves; else the file is as it was. */
  async write(bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.path, [bytes]);
  }

  /** Nothing is left to do. */
  async remove(): Promise<void> {
    await removeFileAtomic(this.path);
    await this.#lock.removeAndRelease();
  }

  /** Lets go of it, for whoever takes it over. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
  }
}

/** The lock that the owner of a file holds until it ends, however it ends. */
export function ownerLockOf(file: string): string {
  return `${file}.lock`;
}

/** Names in a folder that `pattern` fits, sorted; also those whose first writing was cut off. None where there is no folder. */
export async function listOwnedFiles(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    const names = new Set((await readdir(folder)).map((name) => writtenName(name)));
    return [...names].filter((name) => pattern.test(name)).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
