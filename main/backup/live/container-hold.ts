import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { DockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { ContainerFacts } from '../../trinity/docker/engine-facts.ts';
import { bringBack, notBackError, stopGraceSeconds } from '../../trinity/quiesce/bring-back.ts';
import { QuiesceJournal, type QuietContainer } from '../../trinity/quiesce/quiesce-journal.ts';
import { startGuard } from '../guard/start-guard.ts';
import { journalsFolder } from '../restore/swap/journal.ts';

export type HoldEngine = Pick<
  DockerEngine,
  'host' | 'inspectContainer' | 'pause' | 'unpause' | 'stop' | 'start' | 'setRestartPolicy'
>;

const stopLimitMs = 120_000;
const lookLimitMs = 30_000;
const neverRestart = { name: 'no', maximumRetryCount: 0 } as const;

/**
 * Containers that are down while a restore swaps what they mount. All are named in a journal, with their restart policies, before the
 * first is touched: whoever finds it without an owner starts them only when the restore was finished or undone.
 */
export class ContainerHold implements AsyncDisposable {
  readonly #engine: HoldEngine;
  readonly #journal: QuiesceJournal;
  readonly #held: readonly QuietContainer[];

  private constructor(engine: HoldEngine, journal: QuiesceJournal, held: readonly QuietContainer[]) {
    this.#engine = engine;
    this.#journal = journal;
    this.#held = held;
  }

  /** Stops them all; what was stopped is back when it rejects. The caller has the engine's lock. */
  static async stop(
    engine: HoldEngine,
    home: string,
    containers: readonly ContainerFacts[],
  ): Promise<ContainerHold> {
    refuseVanishing(containers);
    const id = randomBytes(6).toString('hex');
    const journal = await QuiesceJournal.begin(journalsFolder(home), {
      id,
      purpose: 'restore',
      host: engine.host,
    });
    const hold = new ContainerHold(engine, journal, containers.map(quietContainer));
    try {
      await startGuard(journal.file, home);
      await journal.add(hold.#held);
    } catch (error) {
      await journal.remove();
      throw error;
    }
    try {
      await hold.#stopAll();
    } catch (error) {
      throw await hold.#backAfter(error);
    }
    return hold;
  }

  get names(): readonly string[] {
    return this.#held.map(({ name }) => name);
  }

  /** `failed` when somebody started one of them meanwhile: it is down again by then. One that was removed runs no more. */
  async requireDown(): Promise<void> {
    const started: string[] = [];
    for (const { id, name } of this.#held) {
      const now = await this.#engine.inspectContainer(id, AbortSignal.timeout(lookLimitMs));
      if (now === undefined || isDown(now)) continue;
      started.push(name);
      await this.#engine.stop(id, 0, AbortSignal.timeout(stopLimitMs));
    }
    if (started.length === 0) return;
    const names = started.join(', ');
    throw new AppError(
      'failed',
      `Somebody started ${names} in the middle of the restore. Leave it be, then try again.`,
    );
  }

  /** Names of those that somebody has removed meanwhile: nothing can bring them back as they were. */
  async removed(): Promise<readonly string[]> {
    const looks = this.#held.map(async ({ id, name }) => {
      const now = await this.#engine.inspectContainer(id, AbortSignal.timeout(lookLimitMs));
      return now === undefined ? [name] : [];
    });
    const found = await Promise.allSettled(looks);
    // Of an engine that does not answer nothing is known; bringing back says so.
    return found.flatMap((look) => (look.status === 'fulfilled' ? look.value : []));
  }

  /** Starts them and gives them their restart policies back. Rejects naming those that do not start; recovery goes on with them. */
  async bringBack(): Promise<void> {
    const notBack = await bringBack(this.#engine, this.#held);
    const left = new Set(notBack.map(({ container }) => container.id));
    await this.#journal.forget(this.#held.map(({ id }) => id).filter((id) => !left.has(id)));
    if (notBack.length > 0) {
      await this.#journal[Symbol.asyncDispose]();
      throw notBackError(notBack);
    }
    await this.#journal.remove();
  }

  /** Leaves them down, for whoever recovers the restore. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal[Symbol.asyncDispose]();
  }

  async #backAfter(error: unknown): Promise<unknown> {
    try {
      await this.bringBack();
      return error;
    } catch (problem) {
      return new AppError('failed', `${messageOf(error)} ${messageOf(problem)}`, {
        cause: error,
        details: { isNotBack: true },
      });
    }
  }

  /** Policies first: the engine would start again what it has just seen ending. */
  async #stopAll(): Promise<void> {
    const signal = AbortSignal.timeout(stopLimitMs);
    await settleAll(
      this.#held,
      async ({ id }) => await this.#engine.setRestartPolicy(id, neverRestart, signal),
    );
    await settleAll(this.#held, async ({ id }) => await this.#engine.stop(id, stopGraceSeconds, signal));
    for (const { id, name } of this.#held) {
      const now = await this.#engine.inspectContainer(id, signal);
      if (now === undefined)
        throw new AppError('failed', `${name} was removed while it was being stopped. Try again.`);
      if (!isDown(now))
        throw new AppError(
          'failed',
          `${name} does not stop. Stop it with docker stop ${name}, then try again.`,
        );
    }
  }
}

/** Waits for all, also when one fails: nothing goes on behind the back of who puts things right. */
async function settleAll(
  held: readonly QuietContainer[],
  act: (container: QuietContainer) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(held.map(act));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function quietContainer({ id, name, startedAt, state, restartPolicy }: ContainerFacts): QuietContainer {
  const wasPaused = state === 'paused' ? { wasPaused: true } : {};
  return { id, name, startedAt, action: 'stop', restartPolicy, ...wasPaused };
}

/** It could never be brought back. */
function refuseVanishing(containers: readonly ContainerFacts[]): void {
  const vanishing = containers.find(({ removesItself }) => removesItself);
  if (vanishing === undefined) return;
  const message = `${vanishing.name} uses what is to be restored and would be removed when it is stopped. End it yourself, then try again.`;
  throw new AppError('refused', message);
}

function isDown({ state }: ContainerFacts): boolean {
  return state === 'exited' || state === 'created' || state === 'dead';
}
