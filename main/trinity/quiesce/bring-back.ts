import { setTimeout as delay } from 'node:timers/promises';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { ContainerFacts } from '../docker/engine-facts.ts';
import type { DockerEngine } from '../docker/docker-engine.ts';
import type { QuietContainer } from './quiesce-journal.ts';

/** The engine's calls that freezing and bringing back need. */
export type ContainerControl = Pick<
  DockerEngine,
  'inspectContainer' | 'pause' | 'unpause' | 'stop' | 'start' | 'setRestartPolicy'
>;

/** Containers that are still not back, and why. */
export type NotBack = Readonly<{ container: QuietContainer; error: unknown }>;

/** As Trinity stops agents. */
export const stopGraceSeconds = 10;

const attempts = 6;
const firstWaitMs = 100;
const lookMs = 200;
/** An engine goes on with what a dead process has asked it for: for so long, in ms, it may still be about it. */
const underWayMs = { pause: 1000, stop: (stopGraceSeconds + 2) * 1000 } as const;
/** For one container; never the signal of a run, which may be cancelled while its containers are frozen. */
const limitMs = 60_000;

export type BringBackOptions = Readonly<{
  /** Whoever held them has died, maybe in the middle of a call: what still runs may be about to be stopped. */
  isOwnerDead?: boolean;
  wait?: (ms: number) => Promise<unknown>;
}>;

/**
 * Brings containers back to what they were, all at once, each tried again for some seconds. One that is gone, that was started anew, or
 * that somebody brought back already, is let alone. Never rejects: what did not come back is told.
 */
export async function bringBack(
  engine: ContainerControl,
  containers: readonly QuietContainer[],
  options: BringBackOptions = {},
): Promise<readonly NotBack[]> {
  const results = await Promise.all(
    containers.map(async (container): Promise<NotBack | undefined> => {
      try {
        await withRetries(async (signal) => await bringOneBack({ engine, container, signal, options }));
        return undefined;
      } catch (error) {
        return { container, error };
      }
    }),
  );
  return results.filter((result) => result !== undefined);
}

/** For the one sentence that a person must read. */
export function notBackError(notBack: readonly NotBack[]): AppError {
  const names = notBack.map(({ container }) => container.name).join(', ');
  const [first] = notBack;
  const verb = first?.container.action === 'pause' ? 'docker unpause' : 'docker start';
  return new AppError(
    'failed',
    `${names} could not be brought back after the copy (${messageOf(first?.error)}): run ${verb} ${names}.`,
    { cause: first?.error },
  );
}

type One = Readonly<{
  engine: ContainerControl;
  container: QuietContainer;
  signal: AbortSignal;
  options: BringBackOptions;
}>;

async function bringOneBack(one: One): Promise<void> {
  const { engine, container, signal } = one;
  const { id, action, startedAt, restartPolicy } = container;
  const now = await settledFacts(one);
  if (now === undefined) return;
  if (restartPolicy !== undefined) await engine.setRestartPolicy(id, restartPolicy, signal);
  if (action === 'pause') {
    // Of this run alone: a container that was started anew and paused by somebody is his.
    if (now.state === 'paused' && now.startedAt === startedAt) await engine.unpause(id, signal);
    return;
  }
  if (isDown(now)) await engine.start(id, signal);
  // Whoever started it before may have been killed before he could pause it.
  else if (now.state !== 'running' || now.startedAt === startedAt) return;
  if (container.wasPaused === true) await engine.pause(id, signal);
}

/** What it is once nothing that was asked for can be under way any more. */
async function settledFacts({
  engine,
  container: { id, action, startedAt },
  signal,
  options: { isOwnerDead = false, wait = delay },
}: One): Promise<ContainerFacts | undefined> {
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const now = await engine.inspectContainer(id, signal);
    const isUntouched = now?.state === 'running' && now.startedAt === startedAt;
    if (!isOwnerDead || !isUntouched || waitedMs >= underWayMs[action]) return now;
    await wait(lookMs);
  }
}

function isDown({ state }: ContainerFacts): boolean {
  return state === 'exited' || state === 'created' || state === 'dead' || state === 'stopping';
}

async function withRetries(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work(signal);
      return;
    } catch (error) {
      if (attempt === attempts || signal.aborted) throw error;
      await delay(firstWaitMs * 2 ** (attempt - 1));
    }
  }
}
