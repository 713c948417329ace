import { expect, onTestFinished } from 'vitest';
import type { PostgresPlace } from '../../../main/trinity/postgres/postgres-server.ts';
import { execIn } from '../../services/docker/containers.ts';
import type { Engine } from '../../services/docker/engine.ts';
import { ensurePostgresImage, postgresImage } from '../../services/docker/images.ts';
import { freePort } from '../../services/free-port.ts';
import { untilTrue } from '../../services/miniature/platform.ts';

export const serverName = 'trinity-postgres';
export const rightPassword = 'the-right-password';

/** Starts a server with an empty database "trinity", on a disk of `dataBytes` where that is said; gone after the test. */
export async function startServer(engine: Engine, dataBytes?: number): Promise<PostgresPlace> {
  await ensurePostgresImage(engine);
  const port = await freePort();
  const container = await engine.client.createContainer({
    name: serverName,
    Image: postgresImage,
    Env: [
      'POSTGRES_USER=trinity',
      `POSTGRES_PASSWORD=${rightPassword}`,
      'POSTGRES_DB=trinity',
      `POSTGRES_PORT=${String(port)}`,
      `PGPORT=${String(port)}`,
    ],
    HostConfig: {
      NetworkMode: 'none',
      ...(dataBytes === undefined
        ? {}
        : { Tmpfs: { '/var/lib/postgresql/data': `size=${String(dataBytes)}` } }),
    },
  });
  onTestFinished(async () => void (await container.remove({ force: true, v: true })));
  await container.start();
  await untilTrue('the database server answers', async () => {
    const { code } = await execIn(engine, serverName, ['psql', '-U', 'trinity', '-c', 'SELECT 1']);
    return code === 0;
  });
  return { host: `unix://${engine.socket}`, container: serverName, port, user: 'trinity' };
}

/** What a statement answers, through the server's socket. */
export async function sql(engine: Engine, statement: string, database = 'trinity'): Promise<string> {
  const command = ['psql', '-U', 'trinity', '-d', database, '-At', '-v', 'ON_ERROR_STOP=1', '-c', statement];
  const { code, stdout, stderr } = await execIn(engine, serverName, command);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Who may come in through the socket from now on. */
export async function setSocketRule(engine: Engine, rule: 'trust' | 'scram-sha-256'): Promise<void> {
  const data = '/var/lib/postgresql/data';
  const script = `sed -i 's/^local.*/local all all ${rule}/' ${data}/pg_hba.conf && kill -HUP $(head -1 ${data}/postmaster.pid)`;
  const { code, stderr } = await execIn(engine, serverName, ['sh', '-c', script], 'root');
  expect([code, stderr]).toEqual([0, '']);
}

export async function databaseNames(engine: Engine): Promise<readonly string[]> {
  const names = await sql(engine, 'SELECT datname FROM pg_database ORDER BY 1', 'postgres');
  return names.split('\n').filter((name) => !name.startsWith('template'));
}
