import type Database from 'better-sqlite3';
import { z } from 'zod';
import { runSource as sourceModel, type RunSource } from '../../shared/model/history.ts';
import { sizeColumns } from './run-table.ts';

const columns = `source, agents, runSources.outcome, runSources.message, ${sizeColumns
  .map((name) => `runSources.${name}`)
  .join(', ')}`;
/** A safety backup is of what was there before a restore. */
const ofBackups = `runs.operation = 'backup' AND runs."trigger" IS NOT 'pre_migration'`;

/** What became of each source in one run. */
export function selectSources(database: Database.Database, runId: number): readonly RunSource[] {
  return database
    .prepare(`SELECT ${columns} FROM runSources WHERE runId = ? ORDER BY source`)
    .all(runId)
    .flatMap(sourceOf);
}

/** One source in one backup run. */
export type SourceRun = RunSource & Readonly<{ runId: number; startedMs: number }>;

/** From then on, and before that. */
export type Span = Readonly<{ fromMs: number; untilMs: number }>;

/** What became of every source in the backups that began in a span of time, newest first. */
export function selectSourceRuns(
  database: Database.Database,
  { fromMs, untilMs }: Span,
): readonly SourceRun[] {
  return database
    .prepare(
      `SELECT ${columns}, runId, runs.startedMs FROM runs JOIN runSources ON runSources.runId = runs.id
       WHERE ${ofBackups} AND runs.startedMs >= ? AND runs.startedMs < ?
       ORDER BY runs.startedMs DESC, runs.id DESC, source`,
    )
    .all(fromMs, untilMs)
    .flatMap(sourceRunOf);
}

/** Of each volume the newest backup since then; with `isGood` the newest that went well. */
export function selectNewestOfVolumes(
  database: Database.Database,
  { sinceMs, isGood }: Readonly<{ sinceMs: number; isGood: boolean }>,
): readonly SourceRun[] {
  // With max() alone, the other columns are those of the row that has it.
  return database
    .prepare(
      `SELECT ${columns}, runId, max(runs.startedMs) AS startedMs FROM runs JOIN runSources ON runSources.runId = runs.id
       WHERE ${ofBackups} AND runs.startedMs >= ? AND source GLOB 'memory/*' AND (? = 0 OR runSources.outcome = 'succeeded')
       GROUP BY source`,
    )
    .all(sinceMs, isGood ? 1 : 0)
    .flatMap(sourceRunOf);
}

/** Made once: a history has a hundred thousand of these rows. */
const storedSource = z.looseObject({ agents: z.string(), message: z.string().nullable() });
const storedSourceRun = storedSource.extend({ runId: z.number(), startedMs: z.number() });

function sourceRunOf(given: unknown): readonly SourceRun[] {
  const { runId, startedMs, ...source } = storedSourceRun.parse(given);
  return sourceOf(source).map((each) => ({ runId, startedMs, ...each }));
}

/** The row as a source; none for one that only a newer program understands. */
function sourceOf(given: unknown): readonly RunSource[] {
  const { agents, message, ...rest } = storedSource.parse(given);
  const parsed = sourceModel.safeParse({
    ...rest,
    agents: JSON.parse(agents),
    ...(message === null ? {} : { message }),
  });
  return parsed.success ? [parsed.data] : [];
}
