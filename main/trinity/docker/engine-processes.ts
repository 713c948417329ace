import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { stdoutOf, textTail } from './engine-demux.ts';
import { execStateShape, createdShape } from './engine-shapes.ts';
import type { EngineRequest, EngineTransport } from './engine-transport.ts';

export type ExecRequest = Readonly<{
  command: readonly string[];
  /** For this process alone. Secrets go here or to stdin, never into the command, which every user of the host can read. */
  environment?: Readonly<Record<string, string>>;
  /** Whether its stdin is to be written; else it is empty. */
  stdin?: boolean;
  user?: string;
  /** Longest silence while its stdout is being read, in ms; default 10 min, 0 waits for ever. */
  silenceMs?: number;
}>;

/** A process whose streams are attached. Disposing it closes the connection; a process of an exec may live on for a while. */
export type EngineProcess = AsyncDisposable &
  Readonly<{
    /** Ends, or is destroyed, by the caller; ignored where stdin was not asked for. */
    stdin: Writable;
    /** Has to be read to its end, or `resume()`d: stderr and the exit come only behind it. */
    stdout: Readable;
    /** The last 16 KiB of stderr so far. */
    stderrText: () => string;
  }>;

/** One whose exit code can be asked for, after its stdout has ended. */
export type ExecProcess = EngineProcess & Readonly<{ exitCode: () => Promise<number> }>;

export type AttachRequest = Readonly<{ stdin: boolean; silenceMs?: number }>;

export type ProcessCalls = Readonly<{
  /** Starts a process in a running container. `busy` when it is paused, `not-found` when it is not there. */
  exec: (container: string, request: ExecRequest, signal: AbortSignal) => Promise<ExecProcess>;
  /** Attaches to a container's own process; before it is started, to lose nothing. */
  attach: (container: string, request: AttachRequest, signal: AbortSignal) => Promise<EngineProcess>;
}>;

const stderrBytes = 16 * 1024;
const usualSilenceMs = 600_000;
const exitPolls = 200;
const exitPollMs = 25;

export function processCalls(transport: EngineTransport): ProcessCalls {
  return {
    exec: async (container, request, signal) => await exec(transport, { container, request, signal }),
    attach: async (container, { stdin, silenceMs }, signal) => {
      const path = `/containers/${encodeURIComponent(container)}/attach`;
      const query = { stream: true, stdout: true, stderr: true, stdin };
      const doing = `attach to the container ${container}`;
      return await connect(transport, { request: { method: 'POST', path, query, doing }, silenceMs, signal });
    },
  };
}

type Connecting = Readonly<{ request: EngineRequest; silenceMs: number | undefined; signal: AbortSignal }>;

async function connect(
  transport: EngineTransport,
  { request, silenceMs, signal }: Connecting,
): Promise<EngineProcess> {
  const socket = await transport.upgrade(request, signal);
  const stderr = textTail(stderrBytes);
  const doing = { ...request, url: transport.url };
  // Whoever reads stdout is told; without this a connection that breaks while nobody reads would end the process.
  socket.on('error', () => undefined);
  const stdout = stdoutOf(socket, stderr, { stallMs: silenceMs ?? usualSilenceMs, doing, signal });
  return {
    stdin: socket,
    stdout,
    stderrText: stderr.text,
    [Symbol.asyncDispose]: async () => {
      stdout.on('error', () => undefined);
      stdout.destroy();
      await Promise.resolve(socket.destroy());
    },
  };
}

type Executing = Readonly<{ container: string; request: ExecRequest; signal: AbortSignal }>;

async function exec(
  transport: EngineTransport,
  { container, request, signal }: Executing,
): Promise<ExecProcess> {
  const { command, environment = {}, stdin = false, user, silenceMs } = request;
  const doing = `run ${command[0] ?? 'a command'} in the container ${container}`;
  const secrets = Object.values(environment);
  const body = {
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: command,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(user === undefined ? {} : { User: user }),
  };
  const path = `/containers/${encodeURIComponent(container)}/exec`;
  const { Id: id } = await transport.json(
    { method: 'POST', path, body, doing, secrets },
    createdShape,
    signal,
  );
  const start: EngineRequest = {
    method: 'POST',
    path: `/exec/${id}/start`,
    body: { Detach: false, Tty: false },
    doing,
    secrets,
  };
  const process = await connect(transport, { request: start, silenceMs, signal });
  if (!stdin) process.stdin.end();
  const exitCode = async (): Promise<number> => await exitCodeOf(transport, { id, doing, signal });
  return { ...process, exitCode };
}

/** Streams end a moment before the engine has noted the exit. */
async function exitCodeOf(
  transport: EngineTransport,
  { id, doing, signal }: Readonly<{ id: string; doing: string; signal: AbortSignal }>,
): Promise<number> {
  for (let poll = 0; poll < exitPolls; poll += 1) {
    const state = await transport.json(
      { method: 'GET', path: `/exec/${id}/json`, doing },
      execStateShape,
      signal,
    );
    if (!state.Running && typeof state.ExitCode === 'number') return state.ExitCode;
    await delay(exitPollMs, undefined, { signal });
  }
  throw new AppError(
    'failed',
    `Docker could not ${doing}: the process does not end. Restart that container.`,
  );
}
