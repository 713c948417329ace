import { chown, mkdir, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { execIn, hasStatus } from '../docker/containers.ts';
import type { Engine } from '../docker/engine.ts';
import { agentImage, ensureAgentImage, ensurePostgresImage, postgresImage } from '../docker/images.ts';
import { freePort } from '../free-port.ts';
import { bindOf, composeFile, dataVolume, project, readEnv } from './checkout.ts';
import type { Flavour } from './checkout.ts';

export type PlatformOptions = Readonly<{
  engine: Engine;
  /** The folder with `.env`, which says by DATABASE_URL whether there is a Postgres server. */
  checkout: string;
  flavour: Flavour;
  /** Called when the database server answers, before anything of Trinity starts. */
  beforeBackend?: () => Promise<void>;
}>;

export type Platform = Readonly<{
  /** Where the backend answers, without a slash at the end. */
  url: string;
}>;

type Service = Readonly<{ service: string; options: Docker.ContainerCreateOptions }>;

const startLimitMs = 120_000;
const pollMs = 50;

/**
 * What Trinity's start script does with a checkout: makes missing volumes and containers of the platform, starts them and waits
 * until the backend is healthy. Agents are not touched, but for the system agent, which the backend starts.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { engine, checkout } = options;
  const environment = readEnv(checkout);
  const databaseUrl = environment.get('DATABASE_URL') ?? '';
  await prepareImages(engine, databaseUrl !== '');
  await prepareData(options);
  if (databaseUrl !== '') {
    await startService(options, postgresService(environment, new URL(databaseUrl).port));
    await untilTrue('the database server answers', async () => {
      const { code } = await execIn(engine, 'trinity-postgres', ['psql', '-U', 'trinity', '-c', 'SELECT 1']);
      return code === 0;
    });
  }
  await options.beforeBackend?.();
  const port = await freePort();
  await Promise.all([
    startService(options, redisService()),
    startService(options, await backendService(options, environment, port)),
    startService(options, schedulerService(options, environment)),
  ]);
  const url = `http://127.0.0.1:${String(await publishedPort(engine))}`;
  await untilTrue('the backend is healthy', async () => await isHealthy(url));
  return { url };
}

export async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

async function prepareImages(engine: Engine, withPostgres: boolean): Promise<void> {
  await ensureAgentImage(engine);
  if (withPostgres) await ensurePostgresImage(engine);
  const source = engine.client.getImage(withPostgres ? postgresImage : agentImage);
  for (const name of ['backend', 'scheduler']) await source.tag({ repo: `trinity-${name}`, tag: 'latest' });
}

async function prepareData({ engine, checkout, flavour }: PlatformOptions): Promise<void> {
  const volumes = ['redis-data', 'trinity-logs', 'agent-configs'];
  if (flavour === 'dev') volumes.push('trinity-data');
  else if ((await mkdir(bindOf(checkout), { recursive: true })) !== undefined) {
    // A new one: Trinity runs as this user.
    await chown(bindOf(checkout), 1000, 1000);
  }
  for (const volume of volumes) {
    await engine.client.createVolume({
      Name: `${project}_${volume}`,
      Labels: { 'com.docker.compose.project': project, 'com.docker.compose.volume': volume },
    });
  }
}

/** As compose does it: what is there is started, what is missing is made. */
async function startService(platform: PlatformOptions, { service, options }: Service): Promise<void> {
  const { client } = platform.engine;
  const name = `trinity-${service}`;
  const container = client.getContainer(name);
  try {
    await container.start();
  } catch (error) {
    // Running already.
    if (hasStatus(error, 304)) return;
    if (!hasStatus(error, 404)) throw error;
    const made = await client.createContainer({
      ...options,
      name,
      Labels: composeLabels(platform, service),
      HostConfig: { ...options.HostConfig, RestartPolicy: { Name: 'unless-stopped' } },
    });
    await made.start();
  }
}

function composeLabels({ checkout, flavour }: PlatformOptions, service: string): Record<string, string> {
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.project.config_files': composeFile(checkout, flavour),
    'com.docker.compose.project.working_dir': checkout,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.version': '2.29.0',
  };
}

/** Without a bridge there is no network of containers: what must be reached uses that of the host, on a port of its own. */
async function backendService(
  platform: PlatformOptions,
  environment: ReadonlyMap<string, string>,
  port: number,
): Promise<Service> {
  const { gid } = await stat(platform.engine.socket);
  return {
    service: 'backend',
    options: {
      Image: 'trinity-backend:latest',
      Cmd: ['python3', '/opt/trinity/backend.py'],
      User: '1000',
      Env: [...platformEnv(environment), 'TRINITY_DB_PATH=/data/trinity.db', `BACKEND_PORT=${String(port)}`],
      ExposedPorts: { '8000/tcp': {} },
      HostConfig: {
        Binds: [dataBind(platform), `${platform.engine.socket}:/var/run/docker.sock:ro`],
        NetworkMode: 'host',
        ExtraHosts: ['postgres:127.0.0.1'],
        // Has no effect here, and says where the backend is, as it does on a host with networks.
        PortBindings: { '8000/tcp': [{ HostPort: String(port) }] },
        GroupAdd: [String(gid)],
      },
    },
  };
}

function schedulerService(platform: PlatformOptions, environment: ReadonlyMap<string, string>): Service {
  return {
    service: 'scheduler',
    options: {
      Image: 'trinity-scheduler:latest',
      Cmd: ['python3', '/opt/trinity/scheduler.py'],
      User: '1000',
      Env: [...platformEnv(environment), 'DATABASE_PATH=/data/trinity.db'],
      HostConfig: {
        Binds: [dataBind(platform)],
        NetworkMode: 'host',
        ExtraHosts: ['postgres:127.0.0.1'],
      },
    },
  };
}

/** A client that notes what it was told, by whoever has the password. */
const redisClient = String.raw`
  printf '#!/bin/sh\n[ -n "$REDISCLI_AUTH" ] || exit 1\necho "$@" >> /data/told\necho OK\n' > /usr/local/bin/redis-cli
  chmod 755 /usr/local/bin/redis-cli;`;

function redisService(): Service {
  return {
    service: 'redis',
    options: {
      Image: agentImage,
      Cmd: ['sh', '-c', `${redisClient} exec sleep infinity`],
      HostConfig: { Binds: [`${project}_redis-data:/data`], NetworkMode: 'none', Init: true },
    },
  };
}

function postgresService(environment: ReadonlyMap<string, string>, port: string): Service {
  return {
    service: 'postgres',
    options: {
      Image: postgresImage,
      Env: [
        ...['POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB'].map(
          (key) => `${key}=${environment.get(key) ?? ''}`,
        ),
        `POSTGRES_PORT=${port}`,
        // Programs in this container that name no port find the server all the same.
        `PGPORT=${port}`,
      ],
      HostConfig: { Binds: [`${project}_postgres-data:/var/lib/postgresql/data`], NetworkMode: 'host' },
      StopSignal: 'SIGINT',
    },
  };
}

function dataBind({ checkout, flavour }: PlatformOptions): string {
  return `${flavour === 'dev' ? dataVolume : bindOf(checkout)}:/data:rw`;
}

function platformEnv(environment: ReadonlyMap<string, string>): readonly string[] {
  return [...environment].map(([key, value]) => `${key}=${value}`);
}

/** Of the container that is there: it keeps its port when it is started again. */
async function publishedPort(engine: Engine): Promise<number> {
  const { HostConfig } = await engine.client.getContainer('trinity-backend').inspect();
  const bindings: Readonly<Record<string, readonly { HostPort?: string }[]>> = HostConfig.PortBindings ?? {};
  return Number(bindings['8000/tcp']?.[0]?.HostPort);
}

/** Polls until something is so; throws after two minutes. */
export async function untilTrue(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`Waited two minutes until ${what}.`);
    await delay(pollMs);
  }
}
