import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { extractArchive } from './archive-extract.ts';
import { query, quoteLiteral, runProgram, type PostgresServer } from './postgres-server.ts';
import type { Archive } from './read-archive.ts';

export type DumpRequest = Readonly<{
  server: PostgresServer;
  database: string;
  /** Made, 0600; gone again when it rejects. */
  file: string;
  /** Made: see `extractArchive`. */
  extract: string;
  /** Only the rows of these tables. */
  tables?: readonly string[];
  signal: AbortSignal;
}>;

/** A dump waits no longer than this for a table that somebody holds for himself. */
const lockWaitMs = 60_000;

/**
 * Dumps a database of one moment, uncompressed so that unchanged rows are stored once, and reads the dump back from end to end. Nobody is
 * locked out meanwhile. `unavailable`, `failed` or `damaged` with one sentence.
 */
export async function dumpDatabase(request: DumpRequest): Promise<Archive> {
  const { server, database, file, extract, tables = [], signal } = request;
  await requireDatabase(server, database, signal);
  const chosen = tables.length === 0 ? [] : ['-a', ...tables.flatMap((table) => ['-t', `public.${table}`])];
  const args = ['-Fc', '-Z', '0', `--lock-wait-timeout=${String(lockWaitMs)}`, ...chosen, database];
  try {
    const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    const take = async (output: NodeJS.ReadableStream): Promise<void> =>
      await pipeline(output, target, { signal });
    await runProgram(server, { program: 'pg_dump', args, take }, signal);
    return await extractArchive(file, extract, signal);
  } catch (error) {
    await rm(file, { force: true });
    await rm(extract, { force: true });
    if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
    const message = 'There is no room for a copy of the database. Free some disk space.';
    throw new AppError('unavailable', message, { cause: error });
  }
}

/** Here it can be said in our own words. */
async function requireDatabase(server: PostgresServer, database: string, signal: AbortSignal): Promise<void> {
  const sql = `SELECT 1 FROM pg_database WHERE datname = ${quoteLiteral(database)}`;
  const rows = await query(server, 'postgres', sql, signal);
  if (rows.length > 0) return;
  const { container } = server.place;
  const message = `The Postgres server in ${container} has no database ${database}. Restore it from a backup, or check DATABASE_URL.`;
  throw new AppError('unavailable', message);
}
