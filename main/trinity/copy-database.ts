import { basename, join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import { sidecarsOf, sizeOf } from './open-copy.ts';
import { unreadable } from './small-file.ts';
import type { FailedEvent } from './sqlite/job.ts';
import { runJob } from './sqlite/run-job.ts';

export type DatabaseCopy = Readonly<{
  /** The copy, 0600, in the target folder, under the database's own name. */
  file: string;
  /** Names in the target folder: the copy, and the `-journal` or `-wal` of one that was taken raw. */
  names: readonly string[];
  bytes: number;
  /** How long writers were locked out, in ms. */
  lockedMs: number;
  /** `raw`: as it lay there, without a lock. */
  method: 'vacuum' | 'pages' | 'raw';
  /** Why the copy is no sound database, for people; undefined when it is one. */
  damaged: string | undefined;
  /** Rows by table; empty when damaged. */
  rowCounts: Readonly<Record<string, number>>;
}>;

export type CopyDatabaseRequest = Readonly<{
  file: string;
  /** A private folder (0700) of the caller, who removes it, also after a kill. */
  targetFolder: string;
  signal: AbortSignal;
  /** Up to here `VACUUM INTO`, above a copy that keeps the order of pages. */
  vacuumUpToBytes?: number;
  /** How long to wait for another process's lock. */
  busyMs?: number;
  /** Past this writers are let in again and the copy fails. */
  lockBudgetMs?: number;
}>;

const defaults = { vacuumUpToBytes: 64 * 1024 * 1024, busyMs: 10_000, lockBudgetMs: 10_000 };
const totalMs = 60 * 60 * 1000;

/**
 * Copies a live SQLite database, of one moment, in a child process. A damaged one is copied raw and said to be damaged. Rejects
 * with an `AppError`: `unavailable` (missing, unreadable), `busy` (locked for too long, or would lock for too long).
 */
export async function copyDatabase(request: CopyDatabaseRequest): Promise<DatabaseCopy> {
  const { vacuumUpToBytes, busyMs, lockBudgetMs } = { ...defaults, ...request };
  const file = join(request.targetFolder, basename(request.file));
  if (!isThere(request.file)) throw missing(request.file);
  const result = await runJob(
    { job: 'copy', source: request.file, target: file, vacuumUpToBytes, busyMs },
    { signal: request.signal, totalMs, lockedMs: lockBudgetMs },
  );
  if (result.event === 'failed') throw failure(request.file, result);
  if (result.event !== 'copied') throw new Error('The child answered another job.');
  return {
    file,
    names: ['', ...sidecarsOf(file)].map((suffix) => `${basename(file)}${suffix}`),
    bytes: sizeOf(file) ?? 0,
    lockedMs: Math.ceil(result.lockedMs),
    method: result.method,
    damaged: result.damaged,
    rowCounts: result.rowCounts,
  };
}

function isThere(file: string): boolean {
  try {
    return sizeOf(file) !== undefined;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function missing(file: string): AppError {
  return new AppError(
    'unavailable',
    `The database ${file} is not there. Check TRINITY_DATA_PATH and TRINITY_DB_PATH in .env.`,
  );
}

function failure(file: string, { reason, message }: FailedEvent): AppError {
  if (reason === 'missing') return missing(file);
  if (reason === 'full') {
    return new AppError('unavailable', 'There is no room for a copy of the database. Free some disk space.');
  }
  const options = { details: { message } };
  if (reason === 'busy') {
    return new AppError(
      'busy',
      `The database ${file} stayed locked by another program. Try again when it is done.`,
      options,
    );
  }
  return new AppError(
    'unavailable',
    `The database ${file} could not be copied. Check the disk and the rights (${message}).`,
    options,
  );
}
