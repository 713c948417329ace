import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
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
export async function containerStates({ client }: Engine): Promise<Readonly<Record<string, ContainerState>>> {
  const listed = await client.listContainers({ all: true });
  const found = await Promise.all(
    listed.map(async ({ Id }) => {
      const { Name, State, HostConfig } = await client.getContainer(Id).inspect();
      const state = {
        id: Id,
        state: State.Status,
        restartPolicy: HostConfig.RestartPolicy?.Name ?? '',
        startedAt: State.StartedAt,
      };
      return [Name.slice(1), state] as const;
    }),
  );
  return Object.fromEntries(found.toSorted(([one], [other]) => one.localeCompare(other)));
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

/** Whether the engine has answered with this HTTP status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === status;
}
