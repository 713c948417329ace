import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { dumpDatabase } from '../../main/trinity/postgres/dump-database.ts';
import {
  openPostgres,
  query,
  runProgram,
  type PostgresPlace,
  type PostgresServer,
} from '../../main/trinity/postgres/postgres-server.ts';
import { waitForServer } from '../../main/trinity/postgres/wait-for-server.ts';
import { startEngine, type Engine } from '../services/docker/engine.ts';
import { ensurePostgresImage, postgresImage } from '../services/docker/images.ts';
import { numbersOf, type RowBytes, textOf } from './data.ts';
import { makeInstall } from './install.ts';
import { ours, restic, type Tool } from './peers.ts';
import { folderBytes } from './run.ts';
import type { Bench, Row } from './rows.ts';

const megabytes = 237;
const dump = 'trinity.dump';
const database = 'trinity';
const startLimitMs = 120_000;
const { signal } = new AbortController();

/**
 * What a day of work in a Postgres adds to the vault: of its dump (`-Fc -Z0`) the chunks that are new, against the dump as a whole, which
 * is what a compressed one (`-Fc`) would cost each day, and against restic on the same dumps. The work is that of the SQLite day.
 */
export async function postgresRow(bench: Bench, title: string, rowBytes: RowBytes): Promise<Row> {
  await using engine = await startEngine();
  const server = await openPostgres(await startServer(engine), signal);
  await fill(server, rowBytes);
  const install = await makeInstall(bench.work, 'postgres');
  const tools: readonly Tool[] = [
    ours(bench.work, install, 'postgres'),
    restic(path.join(bench.work, 'postgres-peer'), install.data),
  ];
  await mkdir(path.join(bench.work, 'postgres-peer'), { recursive: true });
  for (const tool of tools) await tool.prepare();
  const empty = await storedBy(tools);
  await dumpInto(server, install.data);
  const dumpBytes = await folderBytes(install.data);
  for (const tool of tools) await tool.backup();
  const first = await storedBy(tools);
  await workForADay(server, rowBytes);
  await dumpInto(server, install.data);
  for (const tool of tools) await tool.backup();
  const second = await storedBy(tools);
  for (const name of ['postgres', 'postgres-vault', 'postgres-home', 'postgres-peer'])
    await rm(path.join(bench.work, name), { recursive: true, force: true });
  const [whole, wholeRestic] = differences(first, empty);
  const [added = Number.NaN, addedRestic] = differences(second, first);
  const share = added / (whole ?? Number.NaN);
  bench.say(`postgres: dump ${text(dumpBytes)}, whole ${text(whole)}, a day ${text(added)}`);
  return {
    what: title,
    goal: 'none set',
    measured: `${(share * 100).toFixed(0)} % of the dump as a whole`,
    met: undefined,
    detail: `dump ${text(dumpBytes)}; as a whole Trinity Backup ${text(whole)}, restic ${text(wholeRestic)}; added by the day ${text(added)}, restic ${text(addedRestic)}`,
  };
}

/** With an empty database; it goes with its engine. */
async function startServer(engine: Engine): Promise<PostgresPlace> {
  await ensurePostgresImage(engine);
  const made = await engine.client.createContainer({
    name: 'trinity-postgres',
    Image: postgresImage,
    Env: ['POSTGRES_USER=trinity', 'POSTGRES_PASSWORD=bench', `POSTGRES_DB=${database}`],
    HostConfig: { NetworkMode: 'none' },
  });
  await made.start();
  const host = `unix://${engine.socket}`;
  const place = { host, container: 'trinity-postgres', port: 5432, user: 'trinity' };
  await waitForServer(place, startLimitMs, signal);
  return place;
}

/** The table of the SQLite day, of about as many bytes. */
async function fill(server: PostgresServer, rowBytes: RowBytes): Promise<void> {
  const table =
    'CREATE TABLE history (id bigserial PRIMARY KEY, agent text NOT NULL, at text NOT NULL, body text NOT NULL);' +
    'CREATE INDEX history_by_agent ON history (agent, at)';
  await query(server, database, table, signal);
  const count = Math.floor((megabytes * 1e6) / ((rowBytes.from + rowBytes.to) / 2 + 80));
  await copyRows(server, numbersOf(3), { count, rowBytes });
}

/** 600 rows added, 300 changed, 200 deleted, spread over the table. */
async function workForADay(server: PostgresServer, rowBytes: RowBytes): Promise<void> {
  const next = numbersOf(1001);
  const [[newest = '0'] = []] = await query(server, database, 'SELECT max(id) FROM history', signal);
  const anyId = (): number => Math.floor(next() * Number(newest));
  await copyRows(server, next, { count: 600, rowBytes });
  const changes = Array.from(
    { length: 300 },
    () => `UPDATE history SET body = '${body(next, rowBytes)}' WHERE id = ${String(anyId())};`,
  );
  const removals = Array.from({ length: 200 }, () => `DELETE FROM history WHERE id = ${String(anyId())};`);
  await query(server, database, ['BEGIN;', ...changes, ...removals, 'COMMIT;'].join('\n'), signal);
}

async function copyRows(
  server: PostgresServer,
  next: () => number,
  { count, rowBytes }: Readonly<{ count: number; rowBytes: RowBytes }>,
): Promise<void> {
  const input = Readable.from(copied(next, count, rowBytes));
  const take = async (output: Readable): Promise<void> => {
    for await (const _ of output);
  };
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database];
  await runProgram(server, { program: 'psql', args, input, take }, signal);
}

function* copied(next: () => number, count: number, rowBytes: RowBytes): Generator<string> {
  yield 'COPY history (agent, at, body) FROM stdin;\n';
  for (let index = 0; index < count; index += 1) {
    const agent = `agent-${String(Math.floor(next() * 40))}`;
    yield `${agent}\t${String(Math.floor(next() * 1e12))}\t${body(next, rowBytes)}\n`;
  }
  yield '\\.\n';
}

/** Of letters and blanks alone. */
function body(next: () => number, { from, to }: RowBytes): string {
  return textOf(next, Math.floor(from + next() * (to - from))).toString();
}

/** As the backup of the database makes it, in the place of the one before. */
async function dumpInto(server: PostgresServer, folder: string): Promise<void> {
  const file = path.join(folder, dump);
  await rm(file, { force: true });
  const extract = `${path.dirname(folder)}/rows`;
  await rm(extract, { force: true });
  await dumpDatabase({ server, database, file, extract, signal });
}

async function storedBy(tools: readonly Tool[]): Promise<readonly number[]> {
  return await Promise.all(tools.map(async (tool) => await tool.storedBytes()));
}

function differences(one: readonly number[], other: readonly number[]): readonly number[] {
  return one.map((bytes, index) => bytes - (other[index] ?? 0));
}

function text(bytes: number | undefined): string {
  return `${((bytes ?? Number.NaN) / 1e6).toFixed(1)} MB`;
}
