import { rename } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { hasCode } from '../../shared/lib/app-error.ts';
import { migrations } from './migrations.ts';

export type RunOutcome = 'succeeded' | 'incomplete' | 'failed' | 'cancelled' | 'skipped';

/** One run of the engine, as the history tells it. Times in ms since 1970. */
export type Run = Readonly<{
  operation: string;
  startedMs: number;
  finishedMs: number;
  outcome: RunOutcome;
  backupId?: string;
  /** Why it failed or was skipped: one sentence. */
  message?: string;
  /** Sources that failed in it, `sourceText`. */
  failedSources: readonly string[];
}>;

const runRow = z.object({
  operation: z.string(),
  startedMs: z.number(),
  finishedMs: z.number(),
  outcome: z.enum(['succeeded', 'incomplete', 'failed', 'cancelled', 'skipped']),
  backupId: z.string().nullable(),
  message: z.string().nullable(),
  failedSources: z.string(),
});

const keptRuns = 10_000;

/**
 * The local history of runs. A cache of the kind that may be deleted at any time: what the vault knows is read from the vault. A
 * file that cannot be read is set aside and a new one begun.
 */
export class Catalog implements Disposable {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  static async open(file: string): Promise<Catalog> {
    try {
      return new Catalog(openDatabase(file));
    } catch (error) {
      if (!hasCode(error, 'SQLITE_NOTADB', 'SQLITE_CORRUPT')) throw error;
      await setAside(file);
      return new Catalog(openDatabase(file));
    }
  }

  recordRun(run: Run): void {
    this.#database
      .prepare(
        `INSERT INTO runs (operation, startedMs, finishedMs, outcome, backupId, message, failedSources)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        run.operation,
        run.startedMs,
        run.finishedMs,
        run.outcome,
        run.backupId ?? null,
        run.message ?? null,
        JSON.stringify(run.failedSources),
      );
    this.#database.prepare('DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?').run(keptRuns);
  }

  /** The newest runs of an operation, or of all, newest first. */
  runs(limit: number, operation?: string): readonly Run[] {
    const rows = this.#database
      .prepare(
        'SELECT * FROM runs WHERE @operation IS NULL OR operation = @operation ORDER BY id DESC LIMIT @limit',
      )
      .all({ operation: operation ?? null, limit });
    return rows.map(runOf);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = WAL');
    database.transaction(() => migrate(database)).immediate();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** `user_version` counts the migrations that were applied. A newer program's tables are only added to: they stay readable. */
function migrate(database: Database.Database): void {
  const applied = z
    .number()
    .int()
    .parse(database.pragma('user_version', { simple: true }));
  for (const statement of migrations.slice(applied)) database.exec(statement);
  if (applied < migrations.length) database.pragma(`user_version = ${migrations.length}`);
}

async function setAside(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      await rename(`${file}${suffix}`, `${file}${suffix}.unreadable`);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

function runOf(row: unknown): Run {
  const { backupId, message, failedSources, ...rest } = runRow.parse(row);
  return {
    ...rest,
    failedSources: z.array(z.string()).parse(JSON.parse(failedSources)),
    ...(backupId === null ? {} : { backupId }),
    ...(message === null ? {} : { message }),
  };
}
