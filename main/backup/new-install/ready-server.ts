import { AppError } from '../../../shared/lib/app-error.ts';
import { isPostgresSource } from '../../components/postgres-source.ts';
import { databaseOf } from '../../trinity/database-setting.ts';
import { openDockerEngine, type DockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { InstallDatabase, InstallEngine } from '../../trinity/install.ts';
import { withPostgresContainer } from '../../trinity/install-engine.ts';
import { openPostgres, type PostgresPlace } from '../../trinity/postgres/postgres-server.ts';
import { isEmptyDatabase } from '../../trinity/postgres/restore-database.ts';
import { waitForServer } from '../../trinity/postgres/wait-for-server.ts';
import type { RestoreRun } from '../restore/restore-run.ts';

const passwordKey = 'POSTGRES_PASSWORD';
const startLimitMs = 120_000;
const stopGraceSeconds = 60;
const stopLimitMs = 120_000;

/** A server that takes the database of a new install. One that was started for that stops again, unless it is kept. */
export class ReadyServer implements AsyncDisposable {
  readonly database: InstallDatabase;
  #stop: (() => Promise<void>) | undefined;

  constructor(database: InstallDatabase, stop: (() => Promise<void>) | undefined) {
    this.database = database;
    this.#stop = stop;
  }

  /** The restore came about: it goes on running. */
  keep(): void {
    this.#stop = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop?.();
  }
}

/**
 * The container that an engine has for the Postgres of a backup, running; undefined where there is none yet, which is compose's to make.
 * `refused` when its database holds something, or when Trinity would not be let in.
 */
export async function readyServer(
  run: RestoreRun,
  { host }: InstallEngine,
  environment: ReadonlyMap<string, string>,
): Promise<ReadyServer | undefined> {
  const { signal } = run.options;
  if (!run.selection.sources.some(isPostgresSource)) return undefined;
  const client = await openDockerEngine(host);
  const project = run.manifest.install['projectName'];
  const named = { client, projectName: typeof project === 'string' ? project : 'trinity' };
  const database = await withPostgresContainer(databaseOf(environment), named, signal);
  if (database.kind !== 'postgres' || database.container === undefined) return undefined;
  const { container, port, user } = database;
  const stop = await startStopped(client, container, signal);
  try {
    await requireSamePassword(client, container, { environment, signal });
    await requireEmpty({ host, container, port, user }, database.database, signal);
  } catch (error) {
    await stop?.();
    throw error;
  }
  return new ReadyServer(database, stop);
}

/** Runs when it resolves. How to stop it again, if it was started for us. */
async function startStopped(
  client: DockerEngine,
  container: string,
  signal: AbortSignal,
): Promise<(() => Promise<void>) | undefined> {
  const facts = await client.inspectContainer(container, signal);
  if (facts === undefined || (facts.state !== 'exited' && facts.state !== 'created')) return undefined;
  await client.start(facts.id, signal);
  return async () => await client.stop(facts.id, stopGraceSeconds, AbortSignal.timeout(stopLimitMs));
}

/** The password counts that a server was made with: Trinity comes with the one of the backup. */
async function requireSamePassword(
  client: DockerEngine,
  container: string,
  { environment, signal }: Readonly<{ environment: ReadonlyMap<string, string>; signal: AbortSignal }>,
): Promise<void> {
  const made = (await client.environmentOf(container, [passwordKey], signal)).get(passwordKey) ?? '';
  const wanted = environment.get(passwordKey) ?? '';
  if (made === '' || wanted === '' || made === wanted) return;
  throw new AppError(
    'refused',
    `The Postgres server in ${container} was made with another ${passwordKey} than the backup holds. Remove that server and its volume, then try again.`,
  );
}

async function requireEmpty(place: PostgresPlace, database: string, signal: AbortSignal): Promise<void> {
  await waitForServer(place, startLimitMs, signal);
  if (await isEmptyDatabase(await openPostgres(place, signal), database, signal)) return;
  throw new AppError(
    'refused',
    `The Postgres server in ${place.container} holds a database ${database} with tables in it. Remove that server and its volume, or restore in place.`,
  );
}
