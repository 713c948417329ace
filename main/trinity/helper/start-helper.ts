import { setTimeout as delay } from 'node:timers/promises';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { DockerEngine } from '../docker/docker-engine.ts';
import type { HelperMount } from '../docker/engine-helpers.ts';
import type { EngineProcess } from '../docker/engine-processes.ts';
import { helperCommand } from './helper-program.ts';

const hello = 'TBhelp1\n';
const helloMs = 60_000;
const removeMs = 30_000;
const memoryBytes = 1024 ** 3;
const pidsLimit = 64;

export type HelperQuestion = Readonly<{
  engine: DockerEngine;
  image: string;
  labels: Readonly<Record<string, string>>;
  mounts: readonly HelperMount[];
  /** One that only reads may look past modes, and no more. */
  writes: boolean;
  signal: AbortSignal;
}>;

const readingRights = ['DAC_READ_SEARCH'] as const;
/** To give files their owners, modes and attributes, whatever those are. */
const writingRights = [...readingRights, 'DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID', 'SETFCAP'] as const;

/** A container that waits to be told what to read. It ends by itself when our connection to it does, and is removed when disposed. */
export type StartedHelper = AsyncDisposable & Readonly<{ id: string }>;

/** Rejects with `details.ofImage` where the image is at fault, such as one without Python. */
export async function startHelper(question: HelperQuestion): Promise<StartedHelper> {
  const { engine, image, labels, mounts, writes, signal } = question;
  const id = await engine.createContainer(
    {
      image,
      command: helperCommand('idle'),
      labels,
      mounts,
      capabilities: writes ? writingRights : readingRights,
      stdin: true,
      memoryBytes,
      pidsLimit,
    },
    signal,
  );
  try {
    const process = await begin(engine, id, signal);
    return {
      id,
      [Symbol.asyncDispose]: async () => {
        await process[Symbol.asyncDispose]();
        await removeQuietly(engine, id);
      },
    };
  } catch (error) {
    await removeQuietly(engine, id);
    throw error;
  }
}

/** Removes a container also while a run is being cancelled; what an engine that is gone keeps, the next sweep removes. */
export async function removeQuietly(engine: DockerEngine, id: string): Promise<void> {
  try {
    await engine.removeContainer(id, AbortSignal.timeout(removeMs));
  } catch {
    // It has our label: nothing else depends on it, and the next run begins with a sweep.
  }
}

async function begin(engine: DockerEngine, id: string, signal: AbortSignal): Promise<EngineProcess> {
  const process = await engine.attach(id, { stdin: true, silenceMs: 0 }, signal);
  try {
    await start(engine, id, signal);
    await requireHello(process, signal);
    return process;
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(engine: DockerEngine, id: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.start(id, signal);
  } catch (error) {
    signal.throwIfAborted();
    const isText = /executable file not found|no such file|permission denied|exec format/iu;
    if (error instanceof AppError && isText.test(error.message)) throw ofImage('it has no Python 3.');
    throw error;
  }
}

async function requireHello({ stdout, stderrText }: EngineProcess, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const said = stdout[Symbol.asyncIterator]();
  let text = '';
  try {
    while (text.length < hello.length) {
      const next = await Promise.race([
        said.next(),
        delay(helloMs, undefined, { signal: AbortSignal.any([signal, late.signal]) }),
      ]);
      if (next === undefined) throw ofImage('its Python does not begin.');
      if (next.done === true) break;
      text += String(next.value);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? error : ofImage(messageOf(error));
  } finally {
    late.abort();
  }
  if (text === hello) return;
  const why = stderrText().trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  throw ofImage(why === '' ? 'its Python does not run.' : `its Python does not run (${why}).`);
}

function ofImage(message: string): AppError {
  return new AppError('unavailable', message, { details: { ofImage: true } });
}
