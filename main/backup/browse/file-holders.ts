import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';

export type FileHolder = Readonly<{ pid: number; program: string }>;

/**
 * Processes that have a file open, as far as this user may see: those in containers too, since files are told apart by their inode
 * and not by their path. Nobody where there is no /proc.
 */
export async function holdersOf(file: string): Promise<readonly FileHolder[]> {
  const wanted = await statIfSeen(file);
  if (wanted === undefined) return [];
  const pids = (await namesIfSeen('/proc')).filter((name) => /^[0-9]+$/u.test(name));
  const holders: FileHolder[] = [];
  for (const pid of pids) {
    if (await holds(pid, path.basename(file), wanted))
      holders.push({ pid: Number(pid), program: await programOf(pid) });
  }
  return holders;
}

type Identity = Readonly<{ dev: number; ino: number }>;

async function holds(pid: string, name: string, wanted: Identity): Promise<boolean> {
  for (const fd of await namesIfSeen(`/proc/${pid}/fd`)) {
    const link = `/proc/${pid}/fd/${fd}`;
    // By name first: asking some other open file for its inode may hang (a dead network file system).
    const target = await quietly(async () => await readlink(link));
    if (target === undefined || path.basename(target) !== name) continue;
    const found = await statIfSeen(link);
    if (found?.dev === wanted.dev && found.ino === wanted.ino) return true;
  }
  return false;
}

async function programOf(pid: string): Promise<string> {
  const name = await quietly(async () => await readFile(`/proc/${pid}/comm`, 'utf8'));
  return name?.trim() ?? 'unknown';
}

async function namesIfSeen(folder: string): Promise<readonly string[]> {
  return (await quietly(async () => await readdir(folder))) ?? [];
}

async function statIfSeen(file: string): Promise<Identity | undefined> {
  return await quietly(async () => await stat(file));
}

/** Processes end, and those of others may not be looked at. */
async function quietly<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR')) return undefined;
    throw error;
  }
}
