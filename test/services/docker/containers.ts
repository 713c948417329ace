import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from './engine.ts';

export type ContainerState = Readonly<{
  id: string;
  state: string;
  restartPolicy: string;
  /** When it was started last: another moment says that it was down in between. */
  startedAt: string;
}>;

export type ExecResult = Readonly<{ code: number; stdout: string; stderr: string }>;

/** Every container of an engine by its name, running or not. */
export async function containerStates(engine: Engine): Promise<Readonly<Record<string, ContainerState>>> {
  const listed = await engine.client.listContainers({ all: true });
  const found = await Promise.all(listed.map(async ({ Id }) => await stateOf(engine, Id)));
  return Object.fromEntries(found.flat().toSorted(([one], [other]) => one.localeCompare(other)));
}

/** With its name; none where the container has gone since it was listed. */
async function stateOf({ client }: Engine, id: string): Promise<(readonly [string, ContainerState])[]> {
  try {
    const { Name, State, HostConfig } = await client.getContainer(id).inspect();
    const restartPolicy = HostConfig.RestartPolicy?.Name ?? '';
    return [[Name.slice(1), { id, state: State.Status, restartPolicy, startedAt: State.StartedAt }]];
  } catch (error) {
    if (hasStatus(error, 404)) return [];
    throw error;
  }
}

/** The same without what differs between a container and the one made again in its place. */
export async function runStates(engine: Engine): Promise<Readonly<Record<string, string>>> {
  const states = Object.entries(await containerStates(engine));
  return Object.fromEntries(
    states.map(([name, { state, restartPolicy }]) => [name, `${state} ${restartPolicy}`]),
  );
}

/** Runs a program in a running container, to its end. */
export async function execIn(
  { client }: Engine,
  container: string,
  command: readonly string[],
  user = '',
): Promise<ExecResult> {
  const exec = await client.getContainer(container).exec({
    Cmd: [...command],
    User: user,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  client.modem.demuxStream(stream, stdout, stderr);
  const texts = Promise.all([text(stdout), text(stderr)]);
  await finished(stream, { writable: false });
  stdout.end();
  stderr.end();
  const [out, errors] = await texts;
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? -1, stdout: out, stderr: errors };
}

const mostPauses = 5;

/** On a busy machine the kernel may not have stopped every process when runc gives up ("unable to freeze") and thaws them. */
export async function pauseContainer({ client }: Engine, container: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.getContainer(container).pause();
      return;
    } catch (error) {
      if (attempt === mostPauses || !hasStatus(error, 500)) throw error;
      await delay(100);
    }
  }
}

/** Whether the engine has answered with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === status;
}
