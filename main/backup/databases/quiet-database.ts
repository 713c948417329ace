import { z } from 'zod';
import { maxTurnedOff, namedSchedule, runId, type TurnedOff } from '../../components/quiet-start.ts';
import { openPostgres, query, type PostgresServer } from '../../trinity/postgres/postgres-server.ts';
import type { StagedDatabase } from './stage-database.ts';

// Flags are numbers or booleans: both read and take these texts.
const stopSchedules =
  "UPDATE public.agent_schedules SET enabled = '0' WHERE enabled::text IN ('1', 'true')" +
  " RETURNING json_build_object('id', id::text, 'name', agent_name || '/' || name)";
const cancelRuns =
  "WITH waiting AS (SELECT id, status FROM public.schedule_executions WHERE status IN ('queued', 'running'))" +
  " UPDATE public.schedule_executions AS run SET status = 'cancelled' FROM waiting WHERE run.id = waiting.id" +
  " RETURNING json_build_object('id', run.id::text, 'waited', waiting.status = 'queued')";
const runRow = z.object({ id: z.unknown(), waited: z.boolean() });

/** As `quietDatabase`, in a staged Postgres database: schedules off, waiting runs cancelled. */
export async function quietPostgres(staged: StagedDatabase, signal: AbortSignal): Promise<TurnedOff> {
  const server = await openPostgres(staged.place, signal);
  const changed = async (table: string, change: string): Promise<readonly unknown[]> =>
    (await hasTable(server, staged.name, { table, signal }))
      ? (await query(server, staged.name, change, signal)).map((row) => JSON.parse(row.join('\t')))
      : [];
  const schedules = await changed('agent_schedules', stopSchedules);
  const runs = await changed('schedule_executions', cancelRuns);
  const waited = runs.flatMap((row) => {
    const { data } = runRow.safeParse(row);
    return data?.waited === true ? runId(data.id) : [];
  });
  return {
    schedules: schedules.slice(0, maxTurnedOff).flatMap(namedSchedule),
    runs: waited.slice(0, maxTurnedOff),
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
