import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { syncFolder, writeAll } from '../../platform/atomic-file.ts';
import { libcProblem, linkOpenFile, renameNoReplaceSync } from '../../platform/libc.ts';
import { makeFolder } from './folder-root.ts';
import type { FolderRoot } from './folder-root.ts';

const { O_DIRECTORY, O_WRONLY } = constants;
const temporaryFolder = 'tmp';
/** A file without a name (`O_TMPFILE`): whoever is killed while writing one leaves nothing behind. */
const unnamedFile = 0x400000 | O_DIRECTORY;
const attempts = 4;

export type ObjectWrite = Readonly<{
  name: string;
  parts: readonly Uint8Array[];
  /** False leaves alone what has the name already. */
  replace: boolean;
  /** Aborts when nobody waits for this write any more: it must not appear then. */
  abandoned: AbortSignal;
}>;

/** A written file that is not yet an object; `path` is undefined while it has no name. */
type Staged = Readonly<{ handle: FileHandle; path: string | undefined }>;

/** Writes objects of a folder: first beside, synced, then in one step under their name. */
export class FolderWriter {
  readonly #root: FolderRoot;
  /** Whether the file system knows files without a name: found out by the first write. */
  #allowsUnnamed: boolean;

  constructor(root: FolderRoot, options: Readonly<{ allowsUnnamed: boolean }> = { allowsUnnamed: true }) {
    this.#root = root;
    this.#allowsUnnamed = options.allowsUnnamed && libcProblem() === undefined;
  }

  /** False when the name is taken and must not be replaced. Durable when it resolves. */
  async write(write: ObjectWrite): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#root.assertThere();
      await this.#root.prepareParents(write.name);
      try {
        return await this.#writeOnce(write);
      } catch (error) {
        // A new holder of the writer lock sweeps `tmp` while others still write their lock records there: they write again.
        if (!hasCode(error, 'ENOENT') || attempt === attempts) throw error;
      }
    }
  }

  /** The clock of the file system, from the time it gives a new file; in ms since 1970. */
  async now(): Promise<number> {
    await this.#root.assertThere();
    const staged = await this.#stage();
    try {
      return Math.floor((await staged.handle.stat()).mtimeMs);
    } finally {
      await discard(staged);
      await staged.handle.close();
    }
  }

  /** Removes every temporary file; only for the holder of the writer lock. Gives their number. */
  async sweep(abandoned: AbortSignal): Promise<number> {
    await this.#root.assertThere();
    const folder = this.#root.pathOf(temporaryFolder);
    let swept = 0;
    for (const entry of await readdirOrNone(folder)) {
      abandoned.throwIfAborted();
      if (!entry.isDirectory()) {
        await rm(join(folder, entry.name), { force: true });
        swept += 1;
      }
    }
    return swept;
  }

  async #writeOnce(write: ObjectWrite): Promise<boolean> {
    const staged = await this.#stage();
    try {
      await writeAll(staged.handle, write.parts);
      await staged.handle.sync();
      write.abandoned.throwIfAborted();
      const isPublished = await this.#publish(staged, write);
      if (isPublished) await syncFolder(dirname(this.#root.pathOf(write.name)));
      else await discard(staged);
      return isPublished;
    } catch (error) {
      await discard(staged);
      throw error;
    } finally {
      await staged.handle.close();
    }
  }

  async #publish(staged: Staged, { name, replace }: ObjectWrite): Promise<boolean> {
    const target = this.#root.pathOf(name);
    if (staged.path !== undefined) {
      if (!replace) return await publishNew(staged.path, target);
      await rename(staged.path, target);
      return true;
    }
    if (this.#link(staged.handle, target)) return true;
    if (!replace) return false;
    // What has a name already is replaced by renaming, which needs a name for the new file.
    const path = this.#temporaryPath();
    this.#link(staged.handle, path);
    try {
      await rename(path, target);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return true;
  }

  /** False when the name is taken. A file system that cannot do it is not asked again: ENOENT makes the caller write anew. */
  #link(handle: FileHandle, target: string): boolean {
    try {
      linkOpenFile(handle.fd, target);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      if (!hasCode(error, 'ENOENT', 'EPERM', 'EXDEV', 'EINVAL', 'ENOTSUP', 'ENOSYS')) throw error;
      this.#allowsUnnamed = false;
      throw Object.assign(new Error('ENOENT: a file without a name got none', { cause: error }), {
        code: 'ENOENT',
      });
    }
  }

  async #stage(): Promise<Staged> {
    if (this.#allowsUnnamed) {
      try {
        const handle = await this.#inTemporary((folder) => open(folder, unnamedFile | O_WRONLY, 0o600));
        return { handle, path: undefined };
      } catch (error) {
        if (!hasCode(error, 'ENOTSUP', 'EISDIR', 'EINVAL', 'ENOSYS')) throw error;
        this.#allowsUnnamed = false;
      }
    }
    const path = this.#temporaryPath();
    return { handle: await this.#inTemporary(() => open(path, 'wx', 0o600)), path };
  }

  /** Copies of a vault may lack `tmp`, since it is empty: it is made where it is missing. */
  async #inTemporary(run: (folder: string) => Promise<FileHandle>): Promise<FileHandle> {
    const folder = this.#root.pathOf(temporaryFolder);
    try {
      return await run(folder);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    await this.#root.assertThere();
    await makeFolder(folder);
    return await run(folder);
  }

  #temporaryPath(): string {
    return this.#root.pathOf(`${temporaryFolder}/${randomBytes(12).toString('hex')}`);
  }
}

/**
 * Gives a temporary file its name unless that is taken (false). By a link, which every common file system does in one step; where
 * links are refused (FAT, some network shares) by a rename that replaces nothing; else by claiming the name with an empty file.
 */
export async function publishNew(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EACCES', 'EMLINK')) throw error;
    return await publishWithoutLinks(path, target);
  }
  await unlink(path);
  return true;
}

/** For file systems without links. */
export async function publishWithoutLinks(path: string, target: string): Promise<boolean> {
  try {
    if (renameNoReplaceSync(path, target)) return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  return await publishByClaim(path, target);
}

/** For file systems with neither. */
export async function publishByClaim(path: string, target: string): Promise<boolean> {
  try {
    await (await open(target, 'wx', 0o600)).close();
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  try {
    await rename(path, target);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
  return true;
}

async function discard({ path }: Staged): Promise<void> {
  if (path !== undefined) await rm(path, { force: true });
}

async function readdirOrNone(folder: string): Promise<Awaited<ReturnType<typeof readDirents>>> {
  try {
    return await readDirents(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readDirents(folder: string) {
  return await readdir(folder, { withFileTypes: true });
}
