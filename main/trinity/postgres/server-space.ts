import { text } from 'node:stream/consumers';
import { query, quoteLiteral, type PostgresServer } from './postgres-server.ts';

const silenceMs = 60_000;

/** Bytes that are free where a server keeps its data; undefined where its container does not tell. */
export async function freeSpaceOf(server: PostgresServer, signal: AbortSignal): Promise<number | undefined> {
  const { engine, place } = server;
  const [[folder = ''] = []] = await query(server, 'postgres', 'SHOW data_directory', signal);
  const request = { command: ['df', '-Pk', folder], silenceMs };
  await using process = await engine.exec(place.container, request, signal);
  const said = await text(process.stdout);
  if ((await process.exitCode()) !== 0) return undefined;
  // Blocks of 1024 bytes: all, used, free, then how full it is.
  const free = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s/u.exec(said)?.[1];
  return free === undefined ? undefined : Number(free) * 1024;
}

/** Bytes of a database with its indexes; 0 where there is none of this name. */
export async function sizeOfDatabase(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
): Promise<number> {
  const sql = `SELECT pg_database_size(oid) FROM pg_database WHERE datname = ${quoteLiteral(database)}`;
  const [[bytes = '0'] = []] = await query(server, 'postgres', sql, signal);
  return Number(bytes);
}
