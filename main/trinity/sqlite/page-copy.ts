import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Database } from 'better-sqlite3';
import type { LockListener } from './job.ts';

const blockBytes = 4 * 1024 * 1024;
const allPages = 0x7fff_ffff;

type Files = Readonly<{ source: string; target: string }>;

/**
 * Copies a database with its pages in their places, so that an unchanged page is found again by the next backup. `live` holds no
 * transaction. Returns how many ms writers were locked out.
 */
export async function copyPages(live: Database, files: Files, onLock: LockListener): Promise<number> {
  if (live.pragma('journal_mode', { simple: true }) === 'wal') {
    await copyWal(live, files.target);
    return 0;
  }
  // Copied once before anybody is locked out; what changed since is made good under the lock, from memory.
  const canClone = cloneFile(files);
  const fd = openSync(files.source, 'r');
  try {
    return copyLocked(live, onLock, () => {
      if (canClone) recloneFile(files);
      else copyDifferences(fd, files.target);
    });
  } finally {
    // Closing any descriptor of a file drops all of this process's locks on it: only now that the transaction is over.
    closeSync(fd);
  }
}

/** Readers of a WAL see one moment and lock nobody out. */
async function copyWal(live: Database, target: string): Promise<void> {
  beginReading(live);
  await live.backup(target, { progress: () => allPages });
  live.exec('COMMIT');
  chmodSync(target, 0o600);
}

function copyLocked(live: Database, onLock: LockListener, copy: () => void): number {
  beginReading(live);
  const start = performance.now();
  onLock('locked');
  copy();
  live.exec('COMMIT');
  onLock('unlocked');
  return performance.now() - start;
}

/** A read transaction: in rollback mode its shared lock keeps every writer from touching the file. */
function beginReading(live: Database): void {
  live.exec('BEGIN');
  live.prepare('SELECT count(*) FROM main.sqlite_schema').get();
}

/** True when the file system shares blocks between files, so that a copy takes no time. */
function cloneFile({ source, target }: Files): boolean {
  try {
    copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE);
    chmodSync(target, 0o600);
    return true;
  } catch {
    // Whatever the reason is, a copy by bytes either works or tells it.
    rmSync(target, { force: true });
    copyFileSync(source, target);
    chmodSync(target, 0o600);
    return false;
  }
}

function recloneFile({ source, target }: Files): void {
  rmSync(target, { force: true });
  copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE);
  chmodSync(target, 0o600);
}

function copyDifferences(source: number, target: string): void {
  const copy = openSync(target, 'r+');
  try {
    const { size } = fstatSync(source);
    ftruncateSync(copy, size);
    const [wanted, present] = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)];
    for (let position = 0; position < size;) {
      const length = readSync(source, wanted, 0, Math.min(blockBytes, size - position), position);
      if (length === 0) throw new Error('The database became shorter while it was locked.');
      const block = wanted.subarray(0, length);
      const isThere =
        readSync(copy, present, 0, length, position) === length && block.equals(present.subarray(0, length));
      if (!isThere) writeBlock(copy, block, position);
      position += length;
    }
  } finally {
    closeSync(copy);
  }
}

function writeBlock(fd: number, block: Buffer, position: number): void {
  for (let done = 0; done < block.length;)
    done += writeSync(fd, block, done, block.length - done, position + done);
}
