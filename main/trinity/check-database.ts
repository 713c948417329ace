import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../shared/lib/app-error.ts';
import { runJob } from './sqlite/run-job.ts';

export type DatabaseCheck = Readonly<{
  ok: boolean;
  /** What SQLite says is wrong, at most 20 lines. */
  problems: readonly string[];
  /** Rows by table; empty when it is not ok. */
  rowCounts: Readonly<Record<string, number>>;
}>;

export type CheckDatabaseOptions = Readonly<{
  /** Where a private copy may be made of a database with sidecars; swept by its owner after a kill. */
  scratch?: string;
  /** `quick` leaves out the indexes. */
  depth?: 'quick' | 'full';
  limitMs?: number;
}>;

const defaultLimitMs = 10 * 60 * 1000;

/**
 * Checks any SQLite file, also a hostile one, in a child process with limits; neither it nor its folder changes. Rejects with an
 * `AppError` when it could not be checked, which says nothing of the database.
 */
export async function checkDatabase(
  file: string,
  signal: AbortSignal,
  options: CheckDatabaseOptions = {},
): Promise<DatabaseCheck> {
  const scratch = await mkdtemp(join(options.scratch ?? tmpdir(), 'trinity-backup-check-'));
  try {
    const result = await runJob(
      { job: 'check', file, scratch, depth: options.depth ?? 'full' },
      { signal, totalMs: options.limitMs ?? defaultLimitMs },
    );
    if (result.event === 'checked') {
      return { ok: result.problems.length === 0, problems: result.problems, rowCounts: result.rowCounts };
    }
    const reason = result.event === 'failed' ? result.message : 'another job was answered';
    throw new AppError('unavailable', `The database ${file} could not be checked (${reason}). Try again.`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
