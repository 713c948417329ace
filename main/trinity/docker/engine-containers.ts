import { AppError } from '../../../shared/lib/app-error.ts';
import { compareNames } from '../../../shared/lib/name-order.ts';
import type { ContainerFacts, RestartPolicy } from './engine-facts.ts';
import { containerListShape, containerShape, environmentShape, waitShape } from './engine-shapes.ts';
import type { EngineRequest, EngineTransport } from './engine-transport.ts';

export type ContainerCalls = Readonly<{
  /** Containers that bear all the labels (`{key: undefined}`: with any value), by name; running and paused ones, or all. */
  listContainers: (
    which: Readonly<{ labels?: Readonly<Record<string, string | undefined>>; all: boolean }>,
    signal: AbortSignal,
  ) => Promise<readonly ContainerFacts[]>;
  /** By name or id; undefined when it is not there. */
  inspectContainer: (container: string, signal: AbortSignal) => Promise<ContainerFacts | undefined>;
  /**
   * Values of the asked variables of its environment, of no others; those that it lacks are left out. They may be secrets: never to be
   * logged, shown or put into an error. `not-found` when the container is not there.
   */
  environmentOf: (
    container: string,
    names: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, string>>;
  /** `busy` when it does not run, or is paused already. */
  pause: (container: string, signal: AbortSignal) => Promise<void>;
  unpause: (container: string, signal: AbortSignal) => Promise<void>;
  /** Ends it as Trinity does: SIGTERM, then SIGKILL after `graceSeconds`. Nothing happens to one that is stopped. */
  stop: (container: string, graceSeconds: number, signal: AbortSignal) => Promise<void>;
  /** Nothing happens to one that runs. */
  start: (container: string, signal: AbortSignal) => Promise<void>;
  /** Stops it as `stop` does, and starts it: one request, which the engine brings to its end. */
  restart: (container: string, graceSeconds: number, signal: AbortSignal) => Promise<void>;
  setRestartPolicy: (container: string, policy: RestartPolicy, signal: AbortSignal) => Promise<void>;
  /** Kills and removes it with its anonymous volumes; nothing happens when it is not there. */
  removeContainer: (container: string, signal: AbortSignal) => Promise<void>;
  /** Waits, as long as it takes, until it does not run, and gives the exit code of its process. */
  waitForExit: (container: string, signal: AbortSignal) => Promise<number>;
}>;

const parallelInspects = 8;
const removeStallMs = 600_000;

export function containerCalls(transport: EngineTransport): ContainerCalls {
  const act = async (verb: Act, container: string, signal: AbortSignal): Promise<void> => {
    const doing = `${verb} the container ${container}`;
    await transport.text({ method: 'POST', path: `${pathOf(container)}/${verb}`, doing }, signal);
  };
  const end = async (...[verb, container, graceSeconds, signal]: End): Promise<void> => {
    const doing = `${verb} the container ${container}`;
    const path = `${pathOf(container)}/${verb}`;
    const stallMs = graceSeconds * 1000 + 60_000;
    await transport.text({ method: 'POST', path, query: { t: graceSeconds }, stallMs, doing }, signal);
  };
  return {
    listContainers: async ({ labels = {}, all }, signal) => await list(transport, { labels, all }, signal),
    inspectContainer: async (container, signal) => await inspect(transport, container, signal),
    environmentOf: async (container, names, signal) => {
      const { Config } = await transport.json(inspectRequest(container), environmentShape, signal);
      return chosenVariables(Config.Env, names);
    },
    pause: async (container, signal) => await act('pause', container, signal),
    unpause: async (container, signal) => await act('unpause', container, signal),
    start: async (container, signal) => await act('start', container, signal),
    stop: async (container, graceSeconds, signal) => await end('stop', container, graceSeconds, signal),
    restart: async (container, graceSeconds, signal) => await end('restart', container, graceSeconds, signal),
    setRestartPolicy: async (container, { name, maximumRetryCount }, signal) => {
      const body = { RestartPolicy: { Name: name, MaximumRetryCount: maximumRetryCount } };
      const doing = `change the restart policy of the container ${container}`;
      await transport.text({ method: 'POST', path: `${pathOf(container)}/update`, body, doing }, signal);
    },
    removeContainer: async (container, signal) => await remove(transport, container, signal),
    waitForExit: async (container, signal) => {
      const doing = `wait for the container ${container}`;
      const path = `${pathOf(container)}/wait`;
      const request: EngineRequest = { method: 'POST', path, stallMs: 0, doing };
      return (await transport.json(request, waitShape, signal)).StatusCode;
    },
  };
}

type Act = 'pause' | 'unpause' | 'start';
type End = ['stop' | 'restart', string, number, AbortSignal];

function pathOf(container: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/u.test(container))
    throw new AppError('refused', 'A container has a name that Docker would refuse. Leave it out.');
  return `/containers/${container}`;
}

function inspectRequest(container: string): EngineRequest {
  const doing = `inspect the container ${container}`;
  return { method: 'GET', path: `${pathOf(container)}/json`, doing };
}

async function inspect(
  transport: EngineTransport,
  container: string,
  signal: AbortSignal,
): Promise<ContainerFacts | undefined> {
  return await transport.find(inspectRequest(container), containerShape, signal);
}

type Wanted = Readonly<{ labels: Readonly<Record<string, string | undefined>>; all: boolean }>;

async function list(
  transport: EngineTransport,
  { labels, all }: Wanted,
  signal: AbortSignal,
): Promise<readonly ContainerFacts[]> {
  const label = Object.entries(labels).map(([key, value]) => (value === undefined ? key : `${key}=${value}`));
  const request: EngineRequest = {
    method: 'GET',
    path: '/containers/json',
    query: { all, filters: JSON.stringify({ label }) },
    doing: 'list the containers',
  };
  const ids = (await transport.json(request, containerListShape, signal)).map(({ Id }) => Id);
  const found: ContainerFacts[] = [];
  for (let at = 0; at < ids.length; at += parallelInspects) {
    const some = ids.slice(at, at + parallelInspects);
    // The list itself lacks restart policies and starting times. One that went meanwhile is left out.
    const facts = await Promise.all(some.map(async (id) => await inspect(transport, id, signal)));
    found.push(...facts.filter((one) => one !== undefined));
  }
  return found.toSorted((one, other) => compareNames(one.name, other.name));
}

function chosenVariables(
  environment: readonly string[],
  names: readonly string[],
): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  for (const variable of environment) {
    const at = variable.indexOf('=');
    const name = variable.slice(0, at);
    if (at > 0 && names.includes(name)) chosen.set(name, variable.slice(at + 1));
  }
  return chosen;
}

async function remove(transport: EngineTransport, container: string, signal: AbortSignal): Promise<void> {
  const request: EngineRequest = {
    method: 'DELETE',
    path: pathOf(container),
    query: { force: true, v: true },
    stallMs: removeStallMs,
    doing: `remove the container ${container}`,
  };
  try {
    await transport.text(request, signal);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'not-found') throw error;
  }
}
