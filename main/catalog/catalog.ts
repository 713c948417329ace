import { renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { hasCode, messageOf } from '../../shared/lib/app-error.ts';
import type { ActivityEvent, EventFilter, Run, RunFilter, RunSource } from '../../shared/model/history.ts';
import { insertEvent, type NewEvent, selectEvents } from './event-table.ts';
import { migrations } from './migrations.ts';
import { insertRebuilt, insertRun, type NewRun, type Page, selectRun, selectRuns } from './run-table.ts';
import {
  selectNewestOfVolumes,
  selectSourceRuns,
  selectSources,
  type SourceRun,
  type Span,
} from './source-table.ts';

/**
 * The local history of runs and events, of bounded size. A cache of the kind that may be deleted at any time: what the vault knows
 * is rebuilt from it. A file that cannot be read is set aside and a new one begun; where no file can be had at all, the history
 * lives in memory until the next start, so that nothing else fails for it.
 */
export class Catalog implements Disposable {
  readonly #file: string;
  #database: Database.Database;
  /** Why the history is not on the disk. */
  readonly problem: string | undefined;

  private constructor(file: string, database: Database.Database, problem?: string) {
    this.#file = file;
    this.#database = database;
    this.problem = problem;
  }

  static open(file: string): Catalog {
    try {
      return new Catalog(file, openOrReplace(file));
    } catch (error) {
      return new Catalog(':memory:', openDatabase(':memory:'), messageOf(error));
    }
  }

  /** Returns the id of the run. */
  recordRun(run: NewRun): number {
    return this.#use((database) => database.transaction(() => insertRun(database, run)).immediate());
  }

  /** The newest runs of an operation, or of all, newest first. */
  runs(limit: number, operation?: string): readonly Run[] {
    return this.history({ limit }, operation === undefined ? {} : { operation });
  }

  /** A page of the runs that fit, newest first. */
  history(page: Page, filter: RunFilter = {}): readonly Run[] {
    return this.#use((database) => selectRuns(database, page, filter));
  }

  /** One run with what became of its sources. */
  run(id: number): Readonly<{ run: Run; sources: readonly RunSource[] }> | undefined {
    return this.#use((database) => {
      const run = selectRun(database, id);
      return run === undefined ? undefined : { run, sources: selectSources(database, id) };
    });
  }

  /** What became of each source in the backups that began in a span of time, newest first. */
  sourceRuns(span: Span): readonly SourceRun[] {
    return this.#use((database) => selectSourceRuns(database, span));
  }

  /** Of each volume the newest backup since then; with `isGood` the newest that went well. */
  newestOfVolumes(asked: Readonly<{ sinceMs: number; isGood: boolean }>): readonly SourceRun[] {
    return this.#use((database) => selectNewestOfVolumes(database, asked));
  }

  recordEvent(event: NewEvent): ActivityEvent {
    return this.#use((database) => database.transaction(() => insertEvent(database, event)).immediate());
  }

  /** A page of the events that fit, newest first. */
  events(page: Page, filter: EventFilter = {}): readonly ActivityEvent[] {
    return this.#use((database) => selectEvents(database, page, filter));
  }

  /** What the history was last rebuilt from; undefined for a new file. */
  get rebuiltFrom(): string | undefined {
    return this.#use((database) =>
      z
        .string()
        .optional()
        .parse(database.prepare("SELECT value FROM meta WHERE name = 'rebuiltFrom'").pluck().get()),
    );
  }

  /** Adds what is not known yet of runs that the vault tells of, as older than all that was seen here; returns how many. */
  addRebuilt(runs: readonly NewRun[]): number {
    return this.#use((database) => database.transaction(() => insertRebuilt(database, runs)).immediate());
  }

  /** All that this vault tells of was added. */
  noteRebuilt(from: string): void {
    this.#use((database) =>
      database.prepare("INSERT OR REPLACE INTO meta VALUES ('rebuiltFrom', ?)").run(from),
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Damage may show long after opening: the page that holds it was not needed before. */
  #use<Result>(work: (database: Database.Database) => Result): Result {
    try {
      return work(this.#database);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#database.close();
      setAside(this.#file);
      this.#database = openDatabase(this.#file);
      return work(this.#database);
    }
  }
}

function openOrReplace(file: string): Database.Database {
  try {
    return openDatabase(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    setAside(file);
    return openDatabase(file);
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

/** Also tables that are not there: somebody else's database, or half of one. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code } = error;
  return (
    code === 'SQLITE_NOTADB' ||
    code === 'SQLITE_ERROR' ||
    (typeof code === 'string' && code.startsWith('SQLITE_CORRUPT'))
  );
}

function setAside(file: string): void {
  if (file === ':memory:') return;
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      renameSync(`${file}${suffix}`, `${file}${suffix}.unreadable`);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}
