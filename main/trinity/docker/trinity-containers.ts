import type { DockerEngine } from './docker-engine.ts';
import type { ContainerFacts, MountFacts } from './engine-facts.ts';
import { backendContainer } from './find-engine.ts';

/** What the container of Trinity's backend, running or stopped, tells of its install. */
export type BackendFacts = Readonly<{
  container: ContainerFacts;
  /** The checkout, as compose was started in it; undefined where no label says. */
  folder: string | undefined;
  projectName: string | undefined;
  /** Paths of the compose files in use. */
  composeFiles: readonly string[];
  /** What is behind `/data`. */
  data: MountFacts | undefined;
  /** `TRINITY_DB_PATH` and `DATABASE_URL` where they are set. The latter holds a password. */
  env: ReadonlyMap<string, string>;
}>;

/** An agent that has a container, in whatever state. */
export type AgentContainer = Readonly<{
  /** The container's name tells it: the label goes stale when an agent is renamed. */
  name: string;
  /** A ghost: it has no volume of its own and goes by itself. */
  isEphemeral: boolean;
  container: ContainerFacts;
}>;

const namePrefix = 'agent-';
const databaseVariables = ['TRINITY_DB_PATH', 'DATABASE_URL'] as const;

/** Undefined when the engine has no container of that name. */
export async function readBackend(
  engine: DockerEngine,
  signal: AbortSignal,
): Promise<BackendFacts | undefined> {
  const container = await engine.inspectContainer(backendContainer, signal);
  if (container === undefined) return undefined;
  const label = (name: string): string | undefined => container.labels[`com.docker.compose.${name}`];
  return {
    container,
    folder: label('project.working_dir'),
    projectName: label('project'),
    composeFiles: (label('project.config_files') ?? '').split(',').filter((file) => file !== ''),
    data: container.mounts.find(({ target }) => target === '/data'),
    env: await engine.environmentOf(container.id, databaseVariables, signal),
  };
}

export function agentContainersOf(containers: readonly ContainerFacts[]): readonly AgentContainer[] {
  return containers
    .filter(({ name, labels }) => labels['trinity.platform'] === 'agent' && name.startsWith(namePrefix))
    .map((container) => ({
      name: container.name.slice(namePrefix.length),
      isEphemeral: container.labels['trinity.ephemeral'] === 'true',
      container,
    }));
}

/** What a backup keeps of a container: how it ran, never its environment. */
export type RecordedContainer = Readonly<{
  name: string;
  state: string;
  restartPolicy: string;
  image: string;
  labels: Readonly<Record<string, string>>;
  volumes: readonly Readonly<{ name: string; target: string; writable: boolean }>[];
}>;

const keptLabel = /^(?:trinity\.|com\.docker\.compose\.)/u;

/** Containers of one Trinity: its agents, and the services of its compose project. */
export function recordedContainers(
  containers: readonly ContainerFacts[],
  projectName: string,
): readonly RecordedContainer[] {
  const agents = new Set(agentContainersOf(containers).map(({ container }) => container.id));
  return containers
    .filter(({ id, labels }) => agents.has(id) || labels['com.docker.compose.project'] === projectName)
    .map(({ name, state, restartPolicy, image, labels, mounts }) => ({
      name,
      state,
      restartPolicy: restartPolicy.name,
      image: image.name,
      labels: Object.fromEntries(Object.entries(labels).filter(([key]) => keptLabel.test(key))),
      volumes: mounts.flatMap(({ volume, target, writable }) =>
        volume === undefined ? [] : [{ name: volume, target, writable }],
      ),
    }));
}
