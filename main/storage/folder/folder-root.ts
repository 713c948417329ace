import { constants } from 'node:fs';
import { lstat, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { syncFolder } from '../../platform/atomic-file.ts';

type Identity = Readonly<{ device: bigint; inode: bigint }>;

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const headerNames = ['vault.json', 'vault-copy.json'] as const;
const maxHeaderBytes = 65_536;

/**
 * The folder of a vault, and whether it is still the one that was opened: the mount point that an unmounted disk leaves behind
 * is another folder, in which nothing may be made or found missing.
 */
export class FolderRoot {
  readonly folder: string;
  #identity: Identity;
  /** The header as it was found; undefined for a vault that is being made. */
  readonly #header: Buffer | undefined;

  private constructor(folder: string, identity: Identity, header: Buffer | undefined) {
    this.folder = folder;
    this.#identity = identity;
    this.#header = header;
  }

  static async open(folder: string): Promise<FolderRoot> {
    const identity = await identityOf(folder);
    if (identity === undefined) throw away(folder);
    return new FolderRoot(folder, identity, await readHeader(folder));
  }

  get hasHeader(): boolean {
    return this.#header !== undefined;
  }

  pathOf(name: string): string {
    return join(this.folder, name);
  }

  /** Rejects as `unavailable` when the folder is gone or another one has come in its place. */
  async assertThere(): Promise<void> {
    const identity = await identityOf(this.folder);
    if (identity === undefined) throw away(this.folder);
    if (identity.device === this.#identity.device && identity.inode === this.#identity.inode) return;
    // Some network file systems renumber, and a disk that was plugged in again has another number: the header decides.
    if (this.#header === undefined || (await readHeader(this.folder))?.equals(this.#header) !== true)
      throw away(this.folder);
    this.#identity = identity;
  }

  /** Checks that the folders above an object are plain folders of ours, not links that lead elsewhere; makes missing ones. */
  async prepareParents(name: string): Promise<void> {
    for (const parent of parentsOf(name)) {
      const folder = this.pathOf(parent);
      if (!(await isPlainFolder(folder))) await makeFolder(folder);
    }
  }

  /** The same without making any: false when one is missing, so that the object cannot be there. */
  async hasParents(name: string): Promise<boolean> {
    for (const parent of parentsOf(name)) {
      if (!(await isPlainFolder(this.pathOf(parent)))) return false;
    }
    return true;
  }
}

/** Makes one folder (0700), durably; no error when another was quicker. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  await syncFolder(join(folder, '..'));
}

function parentsOf(name: string): string[] {
  const segments = name.split('/');
  return segments.slice(0, -1).map((_segment, at) => segments.slice(0, at + 1).join('/'));
}

/** False when nothing is there; throws what the system calls a folder that is none. */
async function isPlainFolder(folder: string): Promise<boolean> {
  try {
    if ((await lstat(folder)).isDirectory()) return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  throw Object.assign(new Error(`ENOTDIR: not a directory, '${folder}'`), { code: 'ENOTDIR' });
}

async function identityOf(folder: string): Promise<Identity | undefined> {
  try {
    const info = await stat(folder, { bigint: true });
    return info.isDirectory() ? { device: info.dev, inode: info.ino } : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function readHeader(folder: string): Promise<Buffer | undefined> {
  for (const name of headerNames) {
    try {
      await using handle = await open(join(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const info = await handle.stat();
      if (info.isFile() && info.size <= maxHeaderBytes) return await handle.readFile();
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ELOOP')) throw error;
    }
  }
  return undefined;
}

/** `details.absent`: nothing failed, and nothing is lost; whoever asks waits for the disk. */
export function away(folder: string): AppError {
  return new AppError(
    'unavailable',
    `Waiting for the vault: it is not at ${folder} now. Connect and mount the disk or network share that holds it, then try again.`,
    { details: { absent: true } },
  );
}
