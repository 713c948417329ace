import { rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { sidecarsOf, sizeOf } from '../open-copy.ts';
import { isBusy, isCorrupt, isFull, isSchemaTrouble, needsWriting } from '../sqlite-errors.ts';
import { checkFile, recover } from './check-job.ts';
import type { CopiedEvent, FailedEvent, LockListener, SqliteJob } from './job.ts';
import { copyPages } from './page-copy.ts';
import { copyRaw } from './raw-copy.ts';

type CopyJob = Extract<SqliteJob, { job: 'copy' }>;
type Method = Pick<CopiedEvent, 'method' | 'lockedMs'>;

/**
 * Copies a live database so that the copy is of one moment. The live file is only ever opened for reading: what would have to be
 * rolled back or recovered first is copied raw and recovered in the copy. A damaged one is taken raw and said to be damaged.
 */
export async function runCopy(job: CopyJob, onLock: LockListener): Promise<CopiedEvent | FailedEvent> {
  const size = sizeOf(job.source);
  if (size === undefined) return { event: 'failed', reason: 'missing', message: 'There is no such file.' };
  if (size === 0 && sidecarsOf(job.source).length === 0) return takeDamaged(job, 'it is an empty file');
  try {
    const method = await copyLive(job, onLock);
    const { problems, rowCounts } = checkFile(job.target, 'quick');
    if (problems.length > 0) return takeDamaged(job, problems.join('; '));
    return { event: 'copied', ...method, rowCounts };
  } catch (error) {
    if (isCorrupt(error)) return takeDamaged(job, messageOf(error));
    if (isBusy(error)) return { event: 'failed', reason: 'busy', message: messageOf(error) };
    if (isFull(error) || hasCode(error, 'ENOSPC', 'EDQUOT'))
      return { event: 'failed', reason: 'full', message: messageOf(error) };
    throw error;
  }
}

async function copyLive(job: CopyJob, onLock: LockListener): Promise<Method> {
  removeTarget(job.target);
  const live = new Database(job.source, { readonly: true, fileMustExist: true, timeout: job.busyMs });
  try {
    live.pragma('trusted_schema=OFF');
    live.pragma('temp_store=MEMORY');
    // The first read finds what stands in the way: a lock, a journal to roll back, a folder that may not be written.
    live.prepare('SELECT count(*) FROM main.sqlite_schema').get();
    const bytes =
      Number(live.pragma('page_count', { simple: true })) *
      Number(live.pragma('page_size', { simple: true }));
    const vacuumMs = bytes > job.vacuumUpToBytes ? undefined : vacuumInto(live, job, onLock);
    if (vacuumMs !== undefined) return { method: 'vacuum', lockedMs: vacuumMs };
    removeTarget(job.target);
    return { method: 'pages', lockedMs: await copyPages(live, job, onLock) };
  } catch (error) {
    if (!needsWriting(error)) throw error;
    return copyUnrecovered(job);
  } finally {
    live.close();
  }
}

/** Undefined when the schema needs what this SQLite has not: then pages are copied, which nobody has to understand. */
function vacuumInto(live: Database.Database, job: CopyJob, onLock: LockListener): number | undefined {
  const isWal = live.pragma('journal_mode', { simple: true }) === 'wal';
  if (!isWal) onLock('locked');
  const start = performance.now();
  try {
    live.prepare('VACUUM INTO ?').run(job.target);
  } catch (error) {
    if (!isSchemaTrouble(error)) throw error;
    return undefined;
  } finally {
    if (!isWal) onLock('unlocked');
  }
  if (!isWal) return performance.now() - start;
  // VACUUM writes a database without WAL; the copy is to be what the live one is. Readers of a WAL lock nobody out.
  const copy = new Database(job.target, { fileMustExist: true });
  copy.pragma('journal_mode=WAL');
  copy.close();
  return 0;
}

/** A writer died and left its journal, or this user may not make a WAL's sidecars: recovered in a private copy. */
function copyUnrecovered(job: CopyJob): Method {
  removeTarget(job.target);
  if (!copyRaw(job.source, job.target)) {
    throw new Database.SqliteError(
      'the database was written again and again while it was copied',
      'SQLITE_BUSY',
    );
  }
  recover(job.target);
  return { method: 'raw', lockedMs: 0 };
}

function takeDamaged(job: CopyJob, reason: string): CopiedEvent {
  removeTarget(job.target);
  const isSteady = copyRaw(job.source, job.target);
  const damaged = isSteady ? reason : `${reason}; it was written while it was copied`;
  return { event: 'copied', method: 'raw', lockedMs: 0, damaged, rowCounts: {} };
}

function removeTarget(target: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${target}${suffix}`, { force: true });
}
