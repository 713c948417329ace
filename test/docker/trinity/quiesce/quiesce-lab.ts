import { onTestFinished } from 'vitest';
import { openDockerEngine, type DockerEngine } from '../../../../main/trinity/docker/docker-engine.ts';
import type { ContainerFacts } from '../../../../main/trinity/docker/engine-facts.ts';
import type { FindWriters } from '../../../../main/trinity/quiesce/freezer.ts';
import type { VolumeWriter } from '../../../../main/trinity/quiesce/volume-writers.ts';
import { busyboxImage, ensureBusyboxImage } from '../../../services/docker/images.ts';
import type { Engine } from '../../../services/docker/engine.ts';

export const signal = AbortSignal.timeout(3_600_000);

export async function openEngine(engine: Engine): Promise<DockerEngine> {
  return await openDockerEngine(`unix://${engine.socket}`);
}

/** Starts a container that only sleeps and answers what the engine tells of it; gone after the test. */
export async function startSleeper(engine: Engine, name: string): Promise<ContainerFacts> {
  await ensureBusyboxImage(engine);
  const container = await engine.client.createContainer({
    name,
    Image: busyboxImage,
    // Ends at once when it is stopped.
    Cmd: ['/bin/sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'],
    HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'unless-stopped' } },
  });
  onTestFinished(async () => await container.remove({ force: true }).catch(() => undefined));
  await container.start();
  return await factsOf(engine, name);
}

export async function factsOf(engine: Engine, name: string): Promise<ContainerFacts> {
  const facts = await (await openEngine(engine)).inspectContainer(name, signal);
  if (facts === undefined) throw new Error(`There is no container ${name}.`);
  return facts;
}

export async function stateOf(engine: Engine, name: string): Promise<string> {
  return (await factsOf(engine, name)).state;
}

/** Answers who has to be held, and that nobody else runs once they are. */
export function holding(writers: readonly VolumeWriter[]): FindWriters {
  let isHeld = false;
  return async () => {
    const found = isHeld ? [] : writers;
    isHeld = true;
    return await Promise.resolve(found);
  };
}
