import { join } from 'node:path';
import { openDockerEngine, type DockerEngine } from '../docker/docker-engine.ts';
import type { ContainerFacts, MountFacts, VolumeFacts } from '../docker/engine-facts.ts';
import { agentContainersOf, type AgentContainer } from '../docker/trinity-containers.ts';
import type { Access, InstallEngine, TrinityInstall, VolumeUse } from '../install.ts';
import { listVolumes } from '../volume-store.ts';
import { volumeAccess, volumeFolder, type AccessPreference } from './volume-access.ts';

/** A volume that is there, whoever it belongs to. */
export type InstallVolume = Readonly<{
  name: string;
  folder: string;
  access: Access;
  driver: string | undefined;
  /** Of its driver; may hold a secret, never to be shown. */
  options: Readonly<Record<string, string>>;
  /** What the engine says; without one, what stands in `meta.json`; undefined where neither tells. */
  labels: Readonly<Record<string, string>> | undefined;
  users: readonly VolumeUse[];
}>;

/** The volumes of an install's engine, or folder, and the agents that have a container. */
export interface VolumeStore {
  list(signal: AbortSignal): Promise<
    Readonly<{
      volumes: readonly InstallVolume[];
      agents: readonly AgentContainer[];
    }>
  >;
}

type StoredInstall = Pick<TrinityInstall, 'engine' | 'volumesRoot'>;

/** Where the volumes of an install are looked up: its engine, else the folder that holds them, else nowhere. */
export async function openVolumeStore(
  { engine, volumesRoot }: StoredInstall,
  preference: AccessPreference,
): Promise<VolumeStore> {
  if (engine === undefined) {
    return { list: async () => ({ volumes: await foldersOf(volumesRoot), agents: [] }) };
  }
  const client = await openDockerEngine(engine.host);
  return { list: async (signal) => await listEngine({ client, engine, volumesRoot, preference }, signal) };
}

async function foldersOf(volumesRoot: string | undefined): Promise<readonly InstallVolume[]> {
  if (volumesRoot === undefined) return [];
  const access: Access = { mode: 'host', reason: `Its folder is in ${volumesRoot}.` };
  return (await listVolumes(volumesRoot)).map((volume) => ({
    ...volume,
    access,
    driver: undefined,
    options: {},
    users: [],
  }));
}

type EngineStore = Readonly<{
  client: DockerEngine;
  engine: InstallEngine;
  volumesRoot: string | undefined;
  preference: AccessPreference;
}>;

async function listEngine(
  store: EngineStore,
  signal: AbortSignal,
): Promise<Readonly<{ volumes: readonly InstallVolume[]; agents: readonly AgentContainer[] }>> {
  const { client, engine, volumesRoot, preference } = store;
  const givenRoot = volumesRoot === engine.volumesFolder ? undefined : volumesRoot;
  const found = await client.listVolumes(signal);
  const containers = await client.listContainers({ all: true }, signal);
  const volumes = await Promise.all(
    found.map(async (volume): Promise<InstallVolume> => {
      const again = async (): Promise<VolumeFacts | undefined> =>
        await client.inspectVolume(volume.name, signal);
      return {
        name: volume.name,
        folder: volumeFolder(volume, givenRoot),
        access: await volumeAccess(volume, { engine, preference, givenRoot, again }),
        driver: volume.driver,
        options: volume.options,
        labels: volume.labels,
        users: containers.flatMap((container) => usesOf(volume, container)),
      };
    }),
  );
  // Folders that the operator named may hold more than the engine knows, such as those of a disk that was saved.
  const known = new Set(volumes.map(({ name }) => name));
  const others = givenRoot === undefined ? [] : await foldersOf(givenRoot);
  return {
    volumes: [...volumes, ...others.filter(({ name }) => !known.has(name))],
    agents: agentContainersOf(containers),
  };
}

/** How a container reaches a volume: by its name, or by a bind of its folder, or of the device it is made of. */
export function usesOf(volume: VolumeFacts, container: ContainerFacts): readonly VolumeUse[] {
  const [agent] = agentContainersOf([container]);
  const places = [volume.mountpoint, volume.options['device'] ?? ''].filter((place) => place.startsWith('/'));
  const isOf = ({ kind, volume: name, source }: MountFacts): boolean =>
    name === volume.name ||
    (kind === 'bind' && places.some((place) => source === place || source.startsWith(join(place, '/'))));
  return container.mounts.filter(isOf).map(({ target, writable }) => ({
    container: container.name,
    id: container.id,
    state: container.state,
    agent: agent?.name,
    target,
    writable,
  }));
}
