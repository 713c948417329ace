import { join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../../shared/lib/app-error.ts';
import { countRows } from '../database-facts.ts';
import { openCopy, saysWal, sidecarsOf, sizeOf, type CopyDatabase } from '../open-copy.ts';
import { isCorrupt } from '../sqlite-errors.ts';
import type { CheckedEvent, FailedEvent, SqliteJob } from './job.ts';
import { copyRaw } from './raw-copy.ts';

const maxProblems = 20;
const heapLimitBytes = 512 * 1024 * 1024;

type CheckJob = Extract<SqliteJob, { job: 'check' }>;

/** Checks a database without changing it or its folder: one with sidecars, or that makes some, is copied first. */
export function runCheck(job: CheckJob): CheckedEvent | FailedEvent {
  const size = sizeOf(job.file);
  if (size === undefined) return { event: 'failed', reason: 'missing', message: 'There is no such file.' };
  if (sidecarsOf(job.file).length === 0 && !saysWal(job.file)) return checkFile(job.file, job.depth);
  const copy = join(job.scratch, 'database');
  if (!copyRaw(job.file, copy)) {
    return {
      event: 'failed',
      reason: 'busy',
      message: 'It was written again and again while it was copied.',
    };
  }
  recover(copy);
  return checkFile(copy, job.depth);
}

/** Lets SQLite roll back a journal or work in a write-ahead log; only ever on a private copy. */
export function recover(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.pragma('trusted_schema=OFF');
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // What is wrong with it comes out, in words, when it is checked.
    if (!isCorrupt(error)) throw error;
  } finally {
    database.close();
  }
}

/** Integrity and row counts of a private copy without sidecars. */
export function checkFile(file: string, depth: CheckJob['depth']): CheckedEvent {
  let database: CopyDatabase | undefined;
  try {
    database = openCopy(file);
    database.pragma(`hard_heap_limit=${heapLimitBytes}`);
    const problems = findProblems(database, depth);
    return { event: 'checked', problems, rowCounts: problems.length === 0 ? countRows(database) : {} };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return { event: 'checked', problems: [messageOf(error)], rowCounts: {} };
  } finally {
    database?.close();
  }
}

function findProblems(database: CopyDatabase, depth: CheckJob['depth']): string[] {
  const check = depth === 'full' ? 'integrity_check' : 'quick_check';
  const lines = database.prepare(`PRAGMA ${check}(${maxProblems})`).pluck().all();
  return lines.length === 1 && lines[0] === 'ok' ? [] : lines.map((line) => String(line).slice(0, 500));
}
