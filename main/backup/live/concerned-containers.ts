import { realpathSync } from 'node:fs';
import type { ContainerFacts, MountFacts } from '../../trinity/docker/engine-facts.ts';

/** What a restore swaps, as containers see it. */
export type Swapped = Readonly<{
  volumes: ReadonlySet<string>;
  /** Folders and files of this host that give way, or hold what does. */
  places: readonly string[];
  /** Data of the platform itself is among it. */
  isPlatform: boolean;
}>;

/** A container that may not run while the swap is made, and whether it is one of Trinity's. */
export type Concerned = Readonly<{ container: ContainerFacts; isTrinity: boolean }>;

/** Whatever reads or writes Trinity's own data; the others of the stack keep none of it. */
const platformServices: readonly string[] = ['backend', 'scheduler', 'frontend', 'mcp-server'];
const awake: readonly ContainerFacts['state'][] = ['running', 'paused', 'restarting'];

/**
 * Every container that runs, or is paused, and mounts something that is swapped: also one that only reads would go on with what was
 * moved away. With data of the platform its own services too.
 */
export function concernedContainers(
  containers: readonly ContainerFacts[],
  swapped: Swapped,
  projectName: string,
): readonly Concerned[] {
  const places = swapped.places.flatMap((place) => [place, realPath(place)]);
  const touches = (mount: MountFacts): boolean =>
    (mount.volume !== undefined && swapped.volumes.has(mount.volume)) ||
    (mount.kind === 'bind' &&
      [mount.source, realPath(mount.source)].some((source) =>
        places.some((place) => source === place || source.startsWith(`${place}/`)),
      ));
  return containers
    .filter(({ state }) => awake.includes(state))
    .flatMap((container) => {
      const isPlatform = isPlatformService(container, projectName);
      if (!container.mounts.some(touches) && !(swapped.isPlatform && isPlatform)) return [];
      const isAgent = container.labels['trinity.platform'] === 'agent';
      return [{ container, isTrinity: isPlatform || isAgent }];
    });
}

function isPlatformService({ name, labels }: ContainerFacts, projectName: string): boolean {
  const isOfProject = labels['com.docker.compose.project'] === projectName;
  const service = isOfProject ? (labels['com.docker.compose.service'] ?? '') : name.replace(/^trinity-/u, '');
  return (isOfProject || name.startsWith('trinity-')) && platformServices.includes(service);
}

/** A path of the engine's host need not be here. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // Not here, or not for us to see: then its own name has to do.
    return file;
  }
}
