import Database from 'better-sqlite3';
import { z } from 'zod';
import { columnNames } from '../trinity/open-copy.ts';

/** What was turned off in a restored database, so that it can be turned on again. */
export type TurnedOff = Readonly<{
  /** Those that were on. */
  schedules: readonly Readonly<{ id: string; name: string }>[];
  /** Ids of the runs that waited. */
  runs: readonly string[];
  /** Those that waited and those that ran, which nothing can take up again. */
  cancelledRuns: number;
}>;

/** More than any install has; a hostile backup may have them. */
export const maxTurnedOff = 100_000;

const idText = z
  .string()
  .max(255)
  .refine((text) => text.isWellFormed());
const namedRow = z.object({ id: idText, name: z.string() });

/**
 * Turns off, in a staged database that nobody else has open, every schedule, and cancels queued and running executions: Trinity
 * would catch up on all of them at its first start.
 */
export function quietDatabase(file: string): TurnedOff {
  const database = new Database(file, { fileMustExist: true });
  try {
    // The schema comes from a backup: nothing in it may call what is not harmless.
    database.pragma('trusted_schema=OFF');
    database.pragma('temp_store=MEMORY');
    const quiet = database.transaction(() => ({
      schedules: stopSchedules(database),
      ...cancelRuns(database),
    }));
    return quiet.immediate();
  } finally {
    database.close();
  }
}

function stopSchedules(database: Database.Database): TurnedOff['schedules'] {
  const columns = columnNames(database, 'agent_schedules');
  if (!columns.has('enabled')) return [];
  const id = columns.has('id') ? 'CAST(id AS TEXT)' : 'NULL';
  const name = columns.has('name') ? 'name' : 'rowid';
  const agent = columns.has('agent_name') ? 'agent_name' : "''";
  const rows = database
    .prepare(
      `SELECT ${id} AS id, ${agent} || '/' || ${name} AS name FROM main.agent_schedules WHERE enabled = 1 LIMIT ${String(maxTurnedOff)}`,
    )
    .all();
  database.prepare('UPDATE main.agent_schedules SET enabled = 0 WHERE enabled = 1').run();
  return rows.flatMap(namedSchedule);
}

/** A row that somebody can be told of, and that can be found again. */
export function namedSchedule(row: unknown): TurnedOff['schedules'] {
  const { data } = namedRow.safeParse(row);
  return data === undefined ? [] : [{ id: data.id, name: data.name.toWellFormed().slice(0, 600) }];
}

function cancelRuns(database: Database.Database): Pick<TurnedOff, 'runs' | 'cancelledRuns'> {
  const columns = columnNames(database, 'schedule_executions');
  if (!columns.has('status')) return { runs: [], cancelledRuns: 0 };
  const id = columns.has('id') ? 'CAST(id AS TEXT)' : 'NULL';
  const ids = database
    .prepare(
      `SELECT ${id} FROM main.schedule_executions WHERE status = 'queued' LIMIT ${String(maxTurnedOff)}`,
    )
    .pluck()
    .all();
  const { changes } = database
    .prepare("UPDATE main.schedule_executions SET status = 'cancelled' WHERE status IN ('queued', 'running')")
    .run();
  return { runs: ids.flatMap(runId), cancelledRuns: changes };
}

export function runId(value: unknown): readonly string[] {
  const { data } = idText.safeParse(value);
  return data === undefined ? [] : [data];
}
