import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import { openDockerEngine, type DockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { InstallEngine } from '../../trinity/install.ts';
import { Freezer, type Frozen } from '../../trinity/quiesce/freezer.ts';
import { QuiesceJournal } from '../../trinity/quiesce/quiesce-journal.ts';
import { volumeUnit, type HoldChoices, type VolumeUnit } from '../../trinity/quiesce/volume-writers.ts';
import { startGuard } from '../guard/start-guard.ts';
import { journalsFolder } from '../restore/swap/journal.ts';

export type QuiesceParts = Readonly<{
  engine: InstallEngine;
  home: string;
  now: () => number;
}>;

/**
 * What one run holds still. Journal and guard are there from the first container on that is held; when it is disposed nothing is held
 * any more, or the guard sees to it.
 */
export class Quiesce implements AsyncDisposable {
  readonly #parts: QuiesceParts;
  #engine: Promise<DockerEngine> | undefined;
  #journal: QuiesceJournal | undefined;
  #freezer: Freezer | undefined;
  #guardProblem: string | undefined;

  constructor(parts: QuiesceParts) {
    this.#parts = parts;
  }

  /** What the guard would not survive; undefined when there is nothing, or no guard. */
  get guardProblem(): string | undefined {
    return this.#guardProblem;
  }

  /** Who writes to a volume at this moment. `not-found` when the engine does not have it. */
  async unitOf(volume: string, choices: HoldChoices, signal: AbortSignal): Promise<VolumeUnit> {
    this.#engine ??= openDockerEngine(this.#parts.engine.host);
    const engine = await this.#engine;
    const facts = await engine.inspectVolume(volume, signal);
    if (facts === undefined)
      throw new AppError('not-found', `The volume ${volume} has gone meanwhile. Run the backup again.`);
    return volumeUnit(facts, await engine.listContainers({ all: false }, signal), choices);
  }

  /** Starts what must be there before a container is touched, so that nothing of it takes time while one is held. */
  async prepare(signal: AbortSignal): Promise<void> {
    this.#freezer ??= await this.#begin(signal);
  }

  /** Holds all who write to a volume, or nobody where nobody runs; `onBegun` is called before the first of them is held. */
  async freeze(
    { volume, choices, onBegun }: Readonly<{ volume: string; choices: HoldChoices; onBegun: () => void }>,
    signal: AbortSignal,
  ): Promise<Frozen> {
    const freezer = (this.#freezer ??= await this.#begin(signal));
    return await freezer.freeze(async (limit) => {
      onBegun();
      const unit = await this.unitOf(volume, choices, limit);
      if (unit.kind === 'live') throw new AppError('unavailable', unit.reason);
      return unit.kind === 'idle' ? [] : unit.writers;
    }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    if (journal.content.containers.length === 0) await journal.remove();
    // What it names could not be brought back: the guard goes on trying as soon as we let go.
    else await journal[Symbol.asyncDispose]();
  }

  async #begin(signal: AbortSignal): Promise<Freezer> {
    const { engine: installEngine, home, now } = this.#parts;
    this.#engine ??= openDockerEngine(installEngine.host);
    const engine = await this.#engine;
    signal.throwIfAborted();
    const id = randomBytes(6).toString('hex');
    const journal = await QuiesceJournal.begin(journalsFolder(home), {
      id,
      purpose: 'copying',
      host: installEngine.host,
    });
    this.#journal = journal;
    this.#guardProblem = await startGuard(journal.file, home);
    return new Freezer({ engine, engineId: installEngine.id, journal, now });
  }
}
