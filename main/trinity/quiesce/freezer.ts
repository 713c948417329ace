import { setTimeout as delay } from 'node:timers/promises';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { bringBack, notBackError, stopGraceSeconds, type ContainerControl } from './bring-back.ts';
import type { QuiesceJournal, QuietContainer } from './quiesce-journal.ts';
import { takeEngine } from './take-engine.ts';
import type { VolumeWriter } from './volume-writers.ts';

/** How a freeze ended. `reason` tells why what was copied meanwhile is not of one moment; undefined when it is. */
export type Thawed = Readonly<{ frozenMs: number; reason: string | undefined }>;

/** Containers that are held just now. */
export interface Frozen {
  readonly writers: readonly VolumeWriter[];
  /**
   * Brings them back at once, whatever has become of the run, and tells whether they were held all the time. Rejects when one does
   * not come back: the guard and the next start go on trying. Calling it twice does it once.
   */
  thaw(): Promise<Thawed>;
}

/** Who has to be held just now. */
export type FindWriters = (signal: AbortSignal) => Promise<readonly VolumeWriter[]>;

export type FreezerParts = Readonly<{
  engine: ContainerControl;
  /** `EngineFacts.id`. */
  engineId: string;
  journal: QuiesceJournal;
  now: () => number;
  /** How long another home that has the engine is waited for. */
  waitMs?: number;
}>;

/** How many times it begins anew because somebody was started before all were held. */
const mostLooks = 3;
const mostPauses = 5;
const pollMs = 50;
const holdLimitMs = 60_000;
const lookLimitMs = 2000;

/** Holds containers still while their volume is copied: all that write to it together, and never a moment longer. */
export class Freezer {
  readonly #parts: FreezerParts;

  constructor(parts: FreezerParts) {
    this.#parts = parts;
  }

  /**
   * Pauses or stops them all, or none. `findWriters` is asked while no other run holds anything of the engine, and once more when they
   * are held: where somebody was started in between, it begins anew. Rejects with `busy` when another run has the engine, and with an
   * `AppError` that names what could not be held; all are back by then.
   */
  async freeze(findWriters: FindWriters, signal: AbortSignal): Promise<Frozen> {
    const lock = await takeEngine(this.#parts, signal);
    try {
      for (let look = 1; ; look += 1) {
        const frozen = await this.#freezeAll(await findWriters(signal), lock);
        const [late] = await lateWriters(frozen, findWriters, signal);
        if (late === undefined) return frozen;
        await frozen.letGo();
        if (look === mostLooks)
          throw new AppError('unavailable', `${late.container.name} was started while others were held.`);
      }
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #freezeAll(writers: readonly VolumeWriter[], lock: AsyncDisposable): Promise<HeldContainers> {
    const { journal, now } = this.#parts;
    const held = writers.map(({ container: { id, name, startedAt }, action }) => ({
      id,
      name,
      startedAt,
      action,
    }));
    if (held.length > 0) await journal.add(held);
    const frozen = new HeldContainers({ ...this.#parts, lock, writers, held, startedAtMs: now() });
    const problem = await this.#hold(held);
    if (problem === undefined) return frozen;
    await frozen.letGo();
    throw problem;
  }

  /**
   * Resolves with what went wrong, so that those which are held already are brought back first. Not ended by the run's signal: the
   * engine would go on, and hold a container that we have just found running.
   */
  async #hold(held: readonly QuietContainer[]): Promise<unknown> {
    const { engine } = this.#parts;
    const signal = AbortSignal.timeout(holdLimitMs);
    const results = await Promise.allSettled(
      held.map(async ({ id, action }) => {
        if (action === 'pause') await pause(engine, id, signal);
        else await engine.stop(id, stopGraceSeconds, signal);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    return failed?.reason;
  }
}

type HeldParts = FreezerParts &
  Readonly<{
    lock: AsyncDisposable;
    writers: readonly VolumeWriter[];
    held: readonly QuietContainer[];
    startedAtMs: number;
  }>;

class HeldContainers implements Frozen {
  readonly #parts: HeldParts;
  #thawed: Promise<Thawed> | undefined;

  constructor(parts: HeldParts) {
    this.#parts = parts;
  }

  get writers(): readonly VolumeWriter[] {
    return this.#parts.writers;
  }

  async thaw(): Promise<Thawed> {
    this.#thawed ??= this.#thawOnce();
    return await this.#thawed;
  }

  async #thawOnce(): Promise<Thawed> {
    const { lock, now, startedAtMs } = this.#parts;
    try {
      const reason = await this.#whyNotHeld();
      await this.letGo();
      return { frozenMs: now() - startedAtMs, reason };
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }

  /** Brings them back without letting other runs have the engine. */
  async letGo(): Promise<void> {
    const { engine, journal, held } = this.#parts;
    if (held.length === 0) return;
    const notBack = await bringBack(engine, held);
    const left = new Set(notBack.map(({ container }) => container.id));
    await journal.forget(held.map(({ id }) => id).filter((id) => !left.has(id)));
    if (notBack.length > 0) throw notBackError(notBack);
  }

  /** Looked at before they are brought back: whoever let one go meanwhile has let it write. */
  async #whyNotHeld(): Promise<string | undefined> {
    const { engine, held } = this.#parts;
    const looks = held.map(async ({ id, name, startedAt, action }) => {
      const now = await engine.inspectContainer(id, AbortSignal.timeout(lookLimitMs));
      if (now === undefined) return `${name} was removed meanwhile`;
      const isHeld = action === 'pause' ? now.state === 'paused' : now.state === 'exited';
      return isHeld && now.startedAt === startedAt ? undefined : `${name} was let go by somebody meanwhile`;
    });
    try {
      return (await Promise.all(looks)).find((reason) => reason !== undefined);
    } catch (error) {
      return `whether they were held could not be told: ${messageOf(error)}`;
    }
  }
}

/** A runtime on a loaded machine now and then gives up freezing a group ("unable to freeze"): it is asked again. */
async function pause(engine: ContainerControl, id: string, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await engine.pause(id, signal);
      return;
    } catch (error) {
      const isTransient = error instanceof AppError && error.details['status'] === 500;
      if (!isTransient || attempt === mostPauses) throw error;
      await delay(pollMs * attempt);
    }
  }
}

/** Who runs and is not among those that are held. They are let go when that cannot be told. */
async function lateWriters(
  frozen: HeldContainers,
  findWriters: FindWriters,
  signal: AbortSignal,
): Promise<readonly VolumeWriter[]> {
  try {
    return await findWriters(signal);
  } catch (error) {
    await frozen.letGo();
    throw error;
  }
}
