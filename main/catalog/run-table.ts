import type Database from 'better-sqlite3';
import { z } from 'zod';
import { run as runModel, type Run, type RunFilter, type RunSource } from '../../shared/model/history.ts';

type Sizes = Pick<
  Run,
  'files' | 'bytes' | 'bytesAdded' | 'bytesStored' | 'frozenMs' | 'lockedMs' | 'warnings'
>;

/** A run to be recorded; sizes that are left out are 0. */
export type NewRun = Readonly<
  Omit<Run, 'id' | 'isRebuilt' | keyof Sizes> & Partial<Sizes> & { sources?: readonly RunSource[] }
>;

export type Page = Readonly<{
  limit: number;
  /** Only what is older than this id. */
  before?: number | undefined;
}>;

const keptRuns = 10_000;
/** An install of a thousand agents writes as many for each backup: then details go earlier than runs. */
const keptSources = 200_000;
/** As long as the history's longest message. */
const maxText = 4000;

/** Returns the id of the run. */
export function insertRun(database: Database.Database, run: NewRun): number {
  dropRebuilt(database, run);
  const id = inserter(database)(run, undefined);
  prune(database);
  return id;
}

/** Who looks at the vault between the end of a backup and its record is told of it already: what was seen here takes its place. */
function dropRebuilt(database: Database.Database, { backupId, operation }: NewRun): void {
  if (backupId === undefined) return;
  const known = 'SELECT id FROM runs WHERE backupId = @backupId AND operation = @operation AND isRebuilt = 1';
  database.prepare(`DELETE FROM runSources WHERE runId IN (${known})`).run({ backupId, operation });
  database.prepare(`DELETE FROM runs WHERE id IN (${known})`).run({ backupId, operation });
}

/** Runs that the vault tells of, put before all that are there; those of a backup that is known already are left out. */
export function insertRebuilt(database: Database.Database, runs: readonly NewRun[]): number {
  const isKnown = database.prepare('SELECT 1 FROM runs WHERE backupId = ? AND operation = ?').pluck();
  const oldest = z.number().parse(database.prepare('SELECT coalesce(min(id), 1) FROM runs').pluck().get());
  const insert = inserter(database);
  let id = Math.min(oldest, 1);
  const newestFirst = runs.toSorted((left, right) => right.startedMs - left.startedMs);
  for (const run of newestFirst) {
    if (isKnown.get(run.backupId ?? '', run.operation) !== undefined) continue;
    id -= 1;
    insert(run, id);
  }
  prune(database);
  return Math.min(oldest, 1) - id;
}

export const sizeColumns = [
  'files',
  'bytes',
  'bytesAdded',
  'bytesStored',
  'frozenMs',
  'lockedMs',
  'warnings',
] as const;

/** Prepared once: preparing takes longer than inserting. With an id a run is a rebuilt one. */
function inserter(database: Database.Database): (run: NewRun, id: number | undefined) => number {
  const intoRuns = database.prepare(
    `INSERT INTO runs (id, operation, "trigger", startedMs, finishedMs, outcome, backupId, message, skipReason, failureKind,
       failedSources, isRebuilt, ${sizeColumns.join(', ')})
     VALUES (@id, @operation, @trigger, @startedMs, @finishedMs, @outcome, @backupId, @message, @skipReason, @failureKind,
       @failedSources, @isRebuilt, ${sizeColumns.map((name) => `@${name}`).join(', ')})`,
  );
  const intoSources = database.prepare(
    `INSERT OR REPLACE INTO runSources (runId, source, agents, outcome, message, ${sizeColumns.join(', ')})
     VALUES (@runId, @source, @agents, @outcome, @message, ${sizeColumns.map((name) => `@${name}`).join(', ')})`,
  );
  return (run, id) => {
    const runId = Number(intoRuns.run(runRow(run, id)).lastInsertRowid);
    for (const source of run.sources ?? []) intoSources.run(sourceRow(runId, source));
    return runId;
  };
}

function runRow(run: NewRun, id: number | undefined) {
  return {
    ...Object.fromEntries(sizeColumns.map((name) => [name, run[name] ?? 0])),
    id: id ?? null,
    operation: run.operation,
    trigger: run.trigger ?? null,
    startedMs: Math.round(run.startedMs),
    finishedMs: Math.round(run.finishedMs),
    outcome: run.outcome,
    backupId: run.backupId ?? null,
    message: run.message?.slice(0, maxText) ?? null,
    skipReason: run.skipReason ?? null,
    failureKind: run.failureKind ?? null,
    failedSources: JSON.stringify(run.failedSources),
    isRebuilt: id === undefined ? 0 : 1,
  };
}

function sourceRow(runId: number, source: RunSource) {
  return {
    ...source,
    runId,
    agents: JSON.stringify(source.agents),
    message: source.message?.slice(0, maxText) ?? null,
  };
}

/** The newest runs that fit, newest first. */
export function selectRuns(database: Database.Database, page: Page, filter: RunFilter): readonly Run[] {
  const { limit, before } = page;
  return database
    .prepare(
      `SELECT * FROM runs
       WHERE (@before IS NULL OR id < @before)
         AND (@operation IS NULL OR operation = @operation)
         AND (@trigger IS NULL OR "trigger" = @trigger)
         AND (@outcome IS NULL OR outcome = @outcome)
         AND (@sinceMs IS NULL OR startedMs >= @sinceMs)
         AND (@component IS NULL OR EXISTS (SELECT 1 FROM runSources WHERE runId = runs.id
           AND (source = @component OR substr(source, 1, length(@component) + 1) = @component || '/')))
         AND (@agent IS NULL OR EXISTS (SELECT 1 FROM runSources, json_each(runSources.agents) AS agent
           WHERE runId = runs.id AND agent.value = @agent))
       ORDER BY id DESC LIMIT @limit`,
    )
    .all({
      limit,
      before: before ?? null,
      operation: filter.operation ?? null,
      trigger: filter.trigger ?? null,
      outcome: filter.outcome ?? null,
      component: filter.component ?? null,
      agent: filter.agent ?? null,
      sinceMs: filter.sinceMs ?? null,
    })
    .flatMap(runOf);
}

export function selectRun(database: Database.Database, id: number): Run | undefined {
  const row = database.prepare('SELECT * FROM runs WHERE id = ?').get(id);
  return row === undefined ? undefined : runOf(row)[0];
}

/** A span of ids, so that it is one step however many there are. */
function prune(database: Database.Database): void {
  database.prepare('DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?').run(keptRuns);
  database.prepare('DELETE FROM runSources WHERE runId < (SELECT coalesce(min(id), 0) FROM runs)').run();
  const surplus =
    z.number().parse(database.prepare('SELECT count(*) FROM runSources').pluck().get()) - keptSources;
  if (surplus <= 0) return;
  database
    .prepare(
      `DELETE FROM runSources WHERE runId <=
         (SELECT runId FROM runSources ORDER BY runId, source LIMIT 1 OFFSET ?)`,
    )
    .run(surplus - 1);
}

const row = z.looseObject({});
const text = z.string();

/** The row as a run; none for one that only a newer program understands. */
function runOf(given: unknown): readonly Run[] {
  const { failedSources, isRebuilt, ...rest } = withoutNulls(given);
  const parsed = runModel.safeParse({
    ...rest,
    failedSources: listOf(failedSources),
    isRebuilt: isRebuilt === 1,
  });
  return parsed.success ? [parsed.data] : [];
}

function withoutNulls(given: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row.parse(given)).filter(([, value]) => value !== null));
}

function listOf(given: unknown): unknown {
  return JSON.parse(text.parse(given));
}
