import { createReadStream } from 'node:fs';
import { AppError } from '../../../shared/lib/app-error.ts';
import { query, quoteLiteral, runProgram, type PostgresServer } from './postgres-server.ts';
import { tableKey, type Archive } from './read-archive.ts';

/** A database of a server: its id stays when it is renamed. */
export type DatabaseIdentity = Readonly<{ oid: number; name: string }>;

const shownProblems = 5;

export async function listDatabases(
  server: PostgresServer,
  signal: AbortSignal,
): Promise<readonly DatabaseIdentity[]> {
  const rows = await query(server, 'postgres', 'SELECT oid, datname FROM pg_database', signal);
  return rows.map(([oid = '', ...name]) => ({ oid: Number(oid), name: name.join('\t') }));
}

/** Makes an empty database, as the server's image makes its own. */
export async function createDatabase(
  server: PostgresServer,
  name: string,
  signal: AbortSignal,
): Promise<DatabaseIdentity> {
  await query(server, 'postgres', `CREATE DATABASE ${quoted(name)} TEMPLATE template0`, signal);
  const made = (await listDatabases(server, signal)).find((database) => database.name === name);
  if (made === undefined)
    throw new AppError('failed', `The database ${name} was removed meanwhile. Try again.`);
  return made;
}

/** Whether a database has no table of anybody's, or is not there. */
export async function isEmptyDatabase(
  server: PostgresServer,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await listDatabases(server, signal)).some((database) => database.name === name)) return true;
  const sql =
    "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1";
  return (await query(server, name, sql, signal)).length === 0;
}

/** Removes a database and ends its sessions; nothing happens when it is not there. */
export async function dropDatabase(server: PostgresServer, name: string, signal: AbortSignal): Promise<void> {
  await query(server, 'postgres', `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`, signal);
}

/** All of them, or none when it rejects: one transaction. Nobody may be connected to any. */
export async function renameDatabases(
  server: PostgresServer,
  renames: readonly Readonly<{ from: string; to: string }>[],
  signal: AbortSignal,
): Promise<void> {
  const steps = renames.map(({ from, to }) => `ALTER DATABASE ${quoted(from)} RENAME TO ${quoted(to)};`);
  await query(server, 'postgres', `BEGIN; ${steps.join(' ')} COMMIT;`, signal);
}

/** Who is connected to a database, by program and address; without what the server itself does there. */
export async function sessionsOf(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await query(
    server,
    'postgres',
    "SELECT DISTINCT coalesce(nullif(application_name, ''), 'a program') || ' at ' || coalesce(client_addr::text, 'the socket') " +
      `FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = ${quoteLiteral(database)}`,
    signal,
  );
  return rows.map((row) => row.join(' '));
}

/** Ends whatever is connected to a database. */
export async function endSessions(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${quoteLiteral(database)}`;
  await query(server, 'postgres', sql, signal);
}

/** `refused` when the dump is of a newer server: an older one would not understand it. */
export async function requireVersion(
  server: PostgresServer,
  archive: Pick<Archive, 'serverVersion'>,
  signal: AbortSignal,
): Promise<void> {
  const [[version = ''] = []] = await query(server, 'postgres', 'SHOW server_version', signal);
  const [wanted, found] = [majorOf(archive.serverVersion), majorOf(version)];
  if (wanted <= found) return;
  const message = `The backup is of Postgres ${String(wanted)}, and ${String(found)} runs in ${server.place.container}. Install Postgres ${String(wanted)}, then restore again.`;
  throw new AppError('refused', message);
}

function majorOf(version: string): number {
  const major = Number(/^\d+/u.exec(version)?.[0]);
  if (Number.isNaN(major)) throw new AppError('damaged', 'The dump does not say which Postgres it is of.');
  return major;
}

/** Fills an empty database from a dump, wholly or not at all, and compares it with what the dump holds. */
export async function loadArchive(
  server: PostgresServer,
  { name, file, archive }: Readonly<{ name: string; file: string; archive: Archive }>,
  signal: AbortSignal,
): Promise<void> {
  // Owners and grants name roles, which are the server's: all belongs to the role that Trinity uses.
  const args = ['--exit-on-error', '--single-transaction', '--no-owner', '--no-acl', '-d', name];
  const take = async (output: NodeJS.ReadableStream): Promise<void> => {
    for await (const _ of output);
  };
  await runProgram(server, { program: 'pg_restore', args, input: createReadStream(file), take }, signal);
  const problems = await differences(server, name, { archive, signal });
  if (problems.length === 0) return;
  const shown = problems.slice(0, shownProblems).join('; ');
  throw new AppError('failed', `The database did not come back as it was: ${shown}. Nothing was changed.`);
}

async function differences(
  server: PostgresServer,
  name: string,
  { archive, signal }: Readonly<{ archive: Archive; signal: AbortSignal }>,
): Promise<readonly string[]> {
  const tables = archive.entries.filter(({ kind, hasData }) => kind === 'TABLE DATA' && hasData);
  if (tables.length === 0) return [];
  const counts = tables.map(
    (table, index) =>
      `SELECT ${String(index)}, count(*) FROM ONLY ${quoted(table.schema)}.${quoted(table.name)}`,
  );
  const rows = await query(server, name, counts.join(' UNION ALL '), signal);
  const found = new Map(rows.map(([index, count]) => [Number(index), Number(count)]));
  return tables.flatMap((table, index) => {
    const wanted = archive.rowCounts[tableKey(table)];
    if (found.get(index) === wanted) return [];
    return [`table ${tableKey(table)} has ${String(found.get(index))} rows, not ${String(wanted)}`];
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
