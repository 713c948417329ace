import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openDockerEngine, type DockerEngine } from '../../../main/trinity/docker/docker-engine.ts';
import type { HelperMount } from '../../../main/trinity/docker/engine-helpers.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { writeTinyDatabase } from '../../helpers/tiny-install.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { makeTinyImage, tinyImage } from './docker/tiny-image.ts';

const { signal } = new AbortController();

/** A checkout and containers that are never started: enough for what is asked of an install. */
export interface Mini {
  readonly host: string;
  readonly engine: DockerEngine;
  readonly folder: string;
  volume(
    name: string,
    labels?: Readonly<Record<string, string>>,
    options?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** With `compose`, labelled as one of this checkout's stack. */
  container(name: string, parts: Parts): Promise<string>;
}

type Parts = Readonly<{
  mounts?: readonly HelperMount[];
  labels?: Readonly<Record<string, string>>;
  environment?: Readonly<Record<string, string>>;
  service?: string;
  composeFile?: string;
}>;

export async function mini(env = 'A=1\n'): Promise<Mini> {
  const host = `unix://${sharedEngine().socket}`;
  const engine = await openDockerEngine(host);
  await makeTinyImage(engine, signal);
  const folder = path.join(await realpath(await tempFolder()), 'trinity');
  await mkdir(folder);
  await writeFile(path.join(folder, '.env'), env, { mode: 0o600 });
  return {
    host,
    engine,
    folder,
    volume: async (name, labels = {}, options = {}) => {
      const { mountpoint } = await engine.createVolume({ name, driver: 'local', labels, options }, signal);
      onTestFinished(async () => await engine.removeVolume(name, signal));
      return mountpoint;
    },
    container: async (name, { mounts = [], labels = {}, environment = {}, service, composeFile }) => {
      const compose: Readonly<Record<string, string>> =
        service === undefined
          ? {}
          : {
              'com.docker.compose.project': 'trinity',
              'com.docker.compose.service': service,
              'com.docker.compose.project.working_dir': folder,
              'com.docker.compose.project.config_files': path.join(
                folder,
                composeFile ?? 'docker-compose.yml',
              ),
            };
      const spec = { name, image: tinyImage, command: ['sleep', '1'], mounts, environment };
      const id = await engine.createContainer({ ...spec, labels: { ...labels, ...compose } }, signal);
      onTestFinished(async () => await engine.removeContainer(id, signal));
      return id;
    },
  };
}

/** Mounts a volume of the engine. */
export function mountOf(source: string, target: string): HelperMount {
  return { kind: 'volume', source, target, writable: true };
}

export async function putDatabase(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  writeTinyDatabase(path.join(folder, 'trinity.db'));
}
