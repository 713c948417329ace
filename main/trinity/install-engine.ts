import { realpath } from 'node:fs/promises';
import { release } from 'node:os';
import { posix } from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { openDockerEngine, type DockerEngine } from './docker/docker-engine.ts';
import type { EngineFacts } from './docker/engine-facts.ts';
import { readBackend, type BackendFacts } from './docker/trinity-containers.ts';
import type { InstallDatabase, InstallEngine } from './install.ts';

/** The engine of an install, asked when the install is read. */
export type AskedEngine = Readonly<{
  client: DockerEngine;
  engine: InstallEngine;
  backend: BackendFacts | undefined;
}>;

export async function askEngine(dockerHost: string, signal: AbortSignal): Promise<AskedEngine> {
  const client = await openDockerEngine(dockerHost);
  const facts = await client.facts(signal);
  return { client, engine: installEngine(dockerHost, facts), backend: await readBackend(client, signal) };
}

export function installEngine(host: string, facts: EngineFacts): InstallEngine {
  return {
    host,
    id: facts.id,
    volumesFolder: posix.join(facts.rootFolder, 'volumes'),
    isRemapped: facts.isRemapped,
    // Under WSL the virtual machine of Docker Desktop has the kernel of the others, but not their files.
    sharesKernel:
      process.platform === 'linux' &&
      facts.kernelVersion === release() &&
      facts.operatingSystem !== 'Docker Desktop',
  };
}

/** `refused` when the Trinity of this engine is another one than that of `folder`: their data would be mixed. */
export async function requireSameInstall(folder: string, backend: BackendFacts | undefined): Promise<void> {
  const running = backend?.folder;
  if (running === undefined || running === folder) return;
  const [named, started] = [await realPathOf(folder), await realPathOf(running)];
  // A folder that is not here was moved, or is known to the engine by another path.
  if (started === undefined || named === started) return;
  throw new AppError(
    'refused',
    `The Trinity of this Docker engine belongs to ${running}, not to ${folder}. Name that folder with --path, or another engine with --docker-host.`,
  );
}

/** Fills in the container of a bundled Postgres: the one of that name, or of the compose service of that name. */
export async function withPostgresContainer(
  database: InstallDatabase,
  { client, projectName }: Readonly<{ client: DockerEngine; projectName: string }>,
  signal: AbortSignal,
): Promise<InstallDatabase> {
  if (database.kind !== 'postgres') return database;
  const labels = {
    'com.docker.compose.project': projectName,
    'com.docker.compose.service': database.host,
  };
  const byName = /^[A-Za-z0-9][\w.-]*$/u.test(database.host)
    ? await client.inspectContainer(database.host, signal)
    : undefined;
  const container = byName ?? (await client.listContainers({ labels, all: true }, signal))[0];
  return { ...database, container: container?.name };
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}
