import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { libcProblem, tryFlock } from '../../platform/libc.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const leftOver = /^\..+\.(?:zip|tar\.gz)\.[0-9a-f]{12}\.part$/u;
/** A new one is locked long before it is this old. */
const youngMs = 60_000;

export type TemporaryArchive = Readonly<{ path: string; handle: FileHandle }>;

/**
 * A new file (0600) beside the output, so that it is renamed within one file system. It is locked while its writer lives: those that
 * killed exports left in this folder are removed.
 */
export async function openTemporaryArchive(output: string): Promise<TemporaryArchive> {
  const folder = path.dirname(output);
  // Whole, so that its end tells what it is.
  const name = `.${path.basename(output).slice(-200)}.${randomBytes(6).toString('hex')}.part`;
  const file = path.join(folder, name);
  const handle = await open(file, 'wx', 0o600);
  if (libcProblem() === undefined && tryFlock(handle.fd)) await sweep(folder, file);
  return { path: file, handle };
}

async function sweep(folder: string, own: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if (leftOver.test(name) && file !== own) await removeUnlessUsed(file);
  }
}

async function removeUnlessUsed(file: string): Promise<void> {
  try {
    await using handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const info = await handle.stat();
    if (info.isFile() && Date.now() - info.mtimeMs > youngMs && tryFlock(handle.fd)) await rm(file);
  } catch (error) {
    // Somebody else's, or swept by another export: it is not ours to mind.
    if (!hasCode(error, 'ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENXIO', 'ELOOP')) throw error;
  }
}
