import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pack } from 'tar-stream';
import { Readable } from 'node:stream';
import { giveToTrinity } from '../../../main/trinity/sample/sample-files.ts';
import { writeSampleInstall } from '../../../main/trinity/sample/write-sample.ts';
import { execIn, hasStatus } from '../docker/containers.ts';
import type { Engine } from '../docker/engine.ts';
import { freePort } from '../free-port.ts';
import { TrinityApi } from './api.ts';
import { bindOf, dataVolume, finishCheckout, readEnv, removeDatabase } from './checkout.ts';
import type { Flavour } from './checkout.ts';
import { startPlatform, untilTrue } from './platform.ts';
import type { Platform } from './platform.ts';
import { postgresScript } from './postgres-rows.ts';
import { adoptVolumes, isOfMiniature } from './volumes.ts';

export type MiniatureOptions = Readonly<{
  engine: Engine;
  /** `prod` when not said. */
  flavour?: Flavour;
  /** `sqlite` when not said; prod has no Postgres of its own. */
  database?: 'sqlite' | 'postgres';
}>;

/** A Trinity install at work: agents and scheduler write all the time. Names of containers and volumes are Trinity's own. */
export interface Miniature extends AsyncDisposable {
  readonly engine: Engine;
  /** The checkout, on this host. */
  readonly folder: string;
  readonly flavour: Flavour;
  readonly database: 'sqlite' | 'postgres';
  /** What is behind `/data`, on this host. */
  readonly dataFolder: string;
  readonly api: TrinityApi;
  /** Removes every container and volume of Trinity from the engine, and the checkout. */
  remove(this: void): Promise<void>;
}

/** The agents that have a container; all of them run. */
export const agentNames = [
  'echo',
  'ghost-1a2b3c4d',
  'reader',
  'research',
  'trinity-system',
  'writer',
] as const;

/** The ledgers that agents write, by volume and path in it. The third of them is written by a consumer of a shared volume. */
export const agentLedgers: readonly Readonly<{ volume: string; file: string; agent: string }>[] = [
  { volume: 'agent-echo-workspace', file: 'data/ledger.db', agent: 'echo' },
  { volume: 'agent-writer-shared', file: 'ledger-writer.db', agent: 'writer' },
  { volume: 'agent-writer-shared', file: 'ledger-reader.db', agent: 'reader' },
  { volume: 'agent-writer-workspace', file: 'data/ledger.db', agent: 'writer' },
  { volume: 'agent-reader-workspace', file: 'data/ledger.db', agent: 'reader' },
  { volume: 'agent-scout-workspace', file: 'data/ledger.db', agent: 'research' },
  { volume: 'agent-research-public', file: 'ledger-research.db', agent: 'research' },
  { volume: 'agent-trinity-system-workspace', file: 'data/ledger.db', agent: 'trinity-system' },
];

/** Of an agent from before its restart policy was changed: Trinity makes it anew only when it has to. */
const olderAgent = 'agent-reader';

export async function startMiniature(options: MiniatureOptions): Promise<Miniature> {
  const { engine, flavour = 'prod', database = 'sqlite' } = options;
  // With the engine's own folders, to be swept with them after a kill.
  const base = await mkdtemp(path.join(engine.place.folder, 'mini-'));
  const remove = async (): Promise<void> => await removeMiniature(engine, base);
  try {
    await chmod(base, 0o755);
    const platform = await setUp({ engine, flavour, database, base });
    const folder = path.join(base, 'trinity');
    const api = new TrinityApi(platform.url, readEnv(folder).get('ADMIN_PASSWORD') ?? '');
    await startAgents(engine, api);
    return {
      engine,
      folder,
      flavour,
      database,
      dataFolder: dataFolderOf(engine, folder, flavour),
      api,
      remove,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

type Setup = Required<MiniatureOptions> & Readonly<{ base: string }>;

async function setUp({ engine, flavour, database, base }: Setup): Promise<Platform> {
  const sample = await writeSampleInstall(base, {
    size: 'small',
    seed: 'miniature',
    flavour: flavour === 'dev' ? 'volume' : 'bind',
  });
  const checkout = sample.installFolder;
  giveToTrinity(checkout);
  await adoptVolumes(engine, sample.volumesRoot);
  if (database === 'sqlite') {
    finishCheckout(checkout, flavour, '');
    return await startPlatform({ engine, checkout, flavour });
  }
  const data = dataFolderOf(engine, checkout, flavour);
  const script = postgresScript(path.join(data, 'trinity.db'));
  removeDatabase(data);
  const password = readEnv(checkout).get('POSTGRES_PASSWORD') ?? '';
  const port = String(await freePort());
  finishCheckout(checkout, flavour, `postgresql://trinity:${password}@postgres:${port}/trinity`);
  return await startPlatform({
    engine,
    checkout,
    flavour,
    beforeBackend: async () => await fillPostgres(engine, script),
  });
}

async function fillPostgres(engine: Engine, script: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: 'rows.sql' }, script);
  archive.finalize();
  await engine.client.getContainer('trinity-postgres').putArchive(Readable.from(archive), { path: '/tmp' });
  const load = ['psql', '-U', 'trinity', '-q', '-v', 'ON_ERROR_STOP=1', '-f', '/tmp/rows.sql'];
  const { code, stderr } = await execIn(engine, 'trinity-postgres', load);
  if (code !== 0) throw new Error(`The rows do not go into Postgres: ${stderr}`);
}

async function startAgents(engine: Engine, api: TrinityApi): Promise<void> {
  await Promise.all(agentNames.map(async (name) => await api.startAgent(name)));
  await engine.client.getContainer(olderAgent).update({ RestartPolicy: { Name: 'no' } });
  await untilTrue('every agent has written', () =>
    agentLedgers.every(({ volume, file }) => existsSync(path.join(engine.volumeData(volume), `${file}-wal`))),
  );
}

function dataFolderOf(engine: Engine, checkout: string, flavour: Flavour): string {
  return flavour === 'dev' ? engine.volumeData(dataVolume) : bindOf(checkout);
}

async function removeMiniature(engine: Engine, base: string): Promise<void> {
  await removeTrinity(engine);
  await rm(base, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what is Trinity's from an engine: containers, then volumes. */
export async function removeTrinity(engine: Engine): Promise<void> {
  await removeTrinityContainers(engine);
  const { Volumes } = await engine.client.listVolumes();
  for (const { Name } of Volumes.filter((volume) => isOfMiniature(volume.Name))) {
    await engine.client.getVolume(Name).remove();
  }
}

/** The backend first: it brings containers back. */
export async function removeTrinityContainers({ client }: Engine): Promise<void> {
  const listed = await client.listContainers({ all: true });
  const names = listed.flatMap(({ Names }) => Names.map((name) => name.slice(1)));
  const remove = async (name: string): Promise<void> => {
    try {
      await client.getContainer(name).remove({ force: true, v: true });
    } catch (error) {
      // Somebody else was removing it.
      if (!hasStatus(error, 404)) throw error;
    }
  };
  if (names.includes('trinity-backend')) await remove('trinity-backend');
  const others = names.filter((name) => /^(?:trinity|agent)-/u.test(name) && name !== 'trinity-backend');
  await Promise.all(others.map(remove));
}
