import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { tryLockEngine } from '../docker/engine-lock.ts';

const lockWaitMs = 30_000;
const pollMs = 50;

export type EngineQuestion = Readonly<{
  /** `EngineFacts.id`. */
  engineId: string;
  now: () => number;
  /** How long another home that has the engine is waited for. */
  waitMs?: number;
}>;

/** Takes the lock of an engine, under which containers are held; `busy` when another run keeps it. */
export async function takeEngine(
  { engineId, now, waitMs = lockWaitMs }: EngineQuestion,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const deadline = now() + waitMs;
  for (;;) {
    const lock = await tryLockEngine(engineId);
    if (lock !== undefined) return lock;
    if (now() >= deadline) {
      const message =
        'Another run holds containers of this Docker engine. Wait for it to end, then try again.';
      throw new AppError('busy', message);
    }
    await delay(pollMs, undefined, { signal });
  }
}
