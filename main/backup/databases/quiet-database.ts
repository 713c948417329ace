import type { QuietStart } from '../../components/quiet-start.ts';
import { openPostgres, query, type PostgresServer } from '../../trinity/postgres/postgres-server.ts';
import type { StagedDatabase } from './stage-database.ts';

const maxNamed = 1000;

// Flags are numbers or booleans: both read and take these texts.
const stopSchedules =
  "UPDATE public.agent_schedules SET enabled = '0' WHERE enabled::text IN ('1', 'true') RETURNING to_json(agent_name || '/' || name)";
const cancelRuns =
  "UPDATE public.schedule_executions SET status = 'cancelled' WHERE status IN ('queued', 'running') RETURNING 1";

/** As `quietDatabase`, in a staged Postgres database: schedules off, waiting runs cancelled. */
export async function quietPostgres(staged: StagedDatabase, signal: AbortSignal): Promise<QuietStart> {
  const server = await openPostgres(staged.place, signal);
  const changed = async (table: string, change: string): Promise<readonly string[]> =>
    (await hasTable(server, staged.name, { table, signal }))
      ? (await query(server, staged.name, change, signal)).map((row) => row.join('\t'))
      : [];
  const schedules = await changed('agent_schedules', stopSchedules);
  const runs = await changed('schedule_executions', cancelRuns);
  return {
    schedules: schedules.slice(0, maxNamed).map((name) => String(JSON.parse(name))),
    cancelledRuns: runs.length,
  };
}

async function hasTable(
  server: PostgresServer,
  database: string,
  { table, signal }: Readonly<{ table: string; signal: AbortSignal }>,
): Promise<boolean> {
  const sql = `SELECT 1 WHERE to_regclass('public.${table}') IS NOT NULL`;
  return (await query(server, database, sql, signal)).length > 0;
}
