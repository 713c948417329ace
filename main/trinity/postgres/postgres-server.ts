import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { AppError } from '../../../shared/lib/app-error.ts';
import { openDockerEngine, type DockerEngine } from '../docker/docker-engine.ts';
import { saidBy } from './program-errors.ts';

export type PostgresEngine = Pick<DockerEngine, 'exec' | 'environmentOf' | 'inspectContainer'>;

/** Where a Postgres server is reached, without any secret: by the programs in its own container, through its socket. */
export type PostgresPlace = Readonly<{
  /** Address of the engine. */
  host: string;
  container: string;
  port: number;
  user: string;
}>;

/** A server that lets us in. */
export type PostgresServer = Readonly<{
  place: PostgresPlace;
  engine: PostgresEngine;
  /** For the programs: the password, where one is asked for. Never to be shown. */
  secret: Readonly<Record<string, string>>;
}>;

type Program = Readonly<{
  program: 'psql' | 'pg_dump' | 'pg_restore';
  args: readonly string[];
  input?: Readable;
}>;

const connectFailed = 2;
/** Seconds that a program waits for the server. */
const connectSeconds = '15';
/** By which our sessions are known in the server. */
const sessionName = 'trinity-backup';
const readySteps = ['pg_isready', '-q', '-t', '10'] as const;
/** Silence while indexes are built, or a dump waits for a lock. */
const silenceMs = 3_600_000;

/**
 * Finds out how the server lets us in: through its socket, as the image is set up, without a password; else with the one that the
 * container was made with. `unavailable`, in one sentence, when it does not run, answer or let us in.
 */
export async function openPostgres(place: PostgresPlace, signal: AbortSignal): Promise<PostgresServer> {
  const engine = await openDockerEngine(place.host);
  const facts = await engine.inspectContainer(place.container, signal);
  if (facts?.state !== 'running') {
    const how = facts === undefined ? 'is not there' : `does not run (${facts.state})`;
    throw new AppError('unavailable', `The container ${place.container} ${how}. Start it, then try again.`);
  }
  const environment = await engine.environmentOf(place.container, ['POSTGRES_PASSWORD'], signal);
  const password = environment.get('POSTGRES_PASSWORD') ?? '';
  const secrets = [{}, ...(password === '' ? [] : [{ PGPASSWORD: password }])];
  for (const secret of secrets) {
    const server = { place, engine, secret };
    const { code, stderr } = await attempt(server, psql('postgres', 'SELECT 1'), signal);
    if (code === 0) return server;
    if (code !== connectFailed) throw failed(server, 'psql', stderr);
    // Which of the two it is the exit code does not say.
    await requireAnswer(engine, place, signal);
  }
  throw new AppError(
    'unavailable',
    `The Postgres server in ${place.container} does not let the user ${place.user} in. Check POSTGRES_PASSWORD in .env and the pg_hba.conf of the server.`,
  );
}

async function requireAnswer(
  engine: PostgresEngine,
  place: PostgresPlace,
  signal: AbortSignal,
): Promise<void> {
  const { container, port } = place;
  await using process = await engine.exec(
    container,
    { command: [...readySteps, '-p', String(port)], silenceMs: 60_000 },
    signal,
  );
  process.stdout.resume();
  await ended(process.stdout);
  if ((await process.exitCode()) === 0) return;
  throw new AppError(
    'unavailable',
    `The Postgres server in ${container} does not answer on port ${String(port)}. Look into its log, then try again.`,
  );
}

/** What a statement, or several, answer: rows by line, columns by tab. Each call is a session of its own. */
export async function query(
  server: PostgresServer,
  database: string,
  statements: string,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  const { code, stdout, stderr } = await attempt(server, psql(database, statements), signal);
  if (code !== 0) throw failed(server, 'psql', stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** Runs a program to its end; what it prints goes to `take`. `failed` with what it said. Returns what it warned of. */
export async function runProgram(
  server: PostgresServer,
  what: Program & Readonly<{ take: (output: Readable) => Promise<void> }>,
  signal: AbortSignal,
): Promise<string> {
  const { code, stderr } = await run(server, what, signal);
  if (code !== 0) throw failed(server, what.program, stderr);
  return saidBy(stderr, secretsOf(server)) ?? '';
}

type Ended = Readonly<{ code: number; stdout: string; stderr: string }>;

async function attempt(server: PostgresServer, program: Program, signal: AbortSignal): Promise<Ended> {
  let stdout = '';
  const take = async (output: Readable): Promise<void> => {
    stdout = await text(output);
  };
  return { ...(await run(server, { ...program, take }, signal)), stdout };
}

async function run(
  server: PostgresServer,
  { program, args, input, take }: Program & Readonly<{ take: (output: Readable) => Promise<void> }>,
  signal: AbortSignal,
): Promise<Omit<Ended, 'stdout'>> {
  const { place, engine, secret } = server;
  const request = {
    command: [program, '-w', '-U', place.user, '-p', String(place.port), ...args],
    environment: { ...secret, PGCONNECT_TIMEOUT: connectSeconds, PGAPPNAME: sessionName, LC_MESSAGES: 'C' },
    stdin: input !== undefined,
    silenceMs,
  };
  await using process = await engine.exec(place.container, request, signal);
  // One that ends early reads no more: why is what it says.
  const fed = input === undefined ? undefined : pipeline(input, process.stdin).catch(() => undefined);
  await take(process.stdout);
  const code = await process.exitCode();
  input?.destroy();
  await fed;
  return { code, stderr: process.stderrText() };
}

function psql(database: string, statements: string): Program {
  const args = ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d', database];
  return { program: 'psql', args, input: Readable.from([statements]) };
}

function failed(server: PostgresServer, program: string, stderr: string): AppError {
  const said = saidBy(stderr, secretsOf(server)) ?? 'it did not say why';
  return new AppError(
    'failed',
    `${program} in ${server.place.container} failed: ${said}. Look into its log.`,
  );
}

function secretsOf({ secret }: PostgresServer): readonly string[] {
  return Object.values(secret);
}

async function ended(stream: Readable): Promise<void> {
  for await (const _ of stream);
}

/** A name or a text in SQL. */
export function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
