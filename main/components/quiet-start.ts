import Database from 'better-sqlite3';
import { columnNames } from '../trinity/open-copy.ts';

/** What was turned off in a restored database, so that it can be turned on again. */
export type QuietStart = Readonly<{ schedules: readonly string[]; cancelledRuns: number }>;

const maxNamed = 1000;

/**
 * Turns off, in a staged database that nobody else has open, every schedule, and cancels queued and running executions: Trinity
 * would catch up on all of them at its first start.
 */
export function quietDatabase(file: string): QuietStart {
  const database = new Database(file, { fileMustExist: true });
  try {
    // The schema comes from a backup: nothing in it may call what is not harmless.
    database.pragma('trusted_schema=OFF');
    database.pragma('temp_store=MEMORY');
    const quiet = database.transaction(() => ({
      schedules: stopSchedules(database),
      cancelledRuns: cancelRuns(database),
    }));
    return quiet.immediate();
  } finally {
    database.close();
  }
}

function stopSchedules(database: Database.Database): readonly string[] {
  const columns = columnNames(database, 'agent_schedules');
  if (!columns.has('enabled')) return [];
  const name = columns.has('name') ? 'name' : 'rowid';
  const agent = columns.has('agent_name') ? 'agent_name' : "''";
  const names: readonly unknown[] = database
    .prepare(
      `SELECT ${agent} || '/' || ${name} FROM main.agent_schedules WHERE enabled = 1 LIMIT ${String(maxNamed)}`,
    )
    .pluck()
    .all();
  database.prepare('UPDATE main.agent_schedules SET enabled = 0 WHERE enabled = 1').run();
  return names.map(String);
}

function cancelRuns(database: Database.Database): number {
  if (!columnNames(database, 'schedule_executions').has('status')) return 0;
  return database
    .prepare("UPDATE main.schedule_executions SET status = 'cancelled' WHERE status IN ('queued', 'running')")
    .run().changes;
}
