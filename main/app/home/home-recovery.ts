import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { momentText } from '../../../shared/lib/time-text.ts';
import type { RecoveredJournals, Waits } from '../../backup/restore/swap/recover-journals.ts';
import type { Home } from './home.ts';

type RecoveryParts = Readonly<{
  home: Home;
  now: () => number;
  /** Keeps the machine from falling asleep by itself, until it is disposed. */
  holdAwake: () => Disposable;
  /** It has begun, or is over. */
  onChange: () => void;
}>;

type Running = Readonly<{ startedAtMs: number; ended: Promise<RecoveredJournals> }>;

/** What an interrupted run left, put right when the engine starts and whenever asked, and what of it is still open. */
export class HomeRecovery {
  readonly #parts: RecoveryParts;
  #first: RecoveredJournals | undefined;
  #last: RecoveredJournals | undefined;
  #running: Running | undefined;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** What could not be put right yet: why. */
  get problem(): string | undefined {
    // Containers that were held when a run was cut off may not be back yet.
    return this.halfRestored ?? this.last.containers.find(({ result }) => result !== 'back')?.message;
  }

  /** Why an install is neither restored nor as it was before. */
  get halfRestored(): string | undefined {
    return this.last.restores.find(({ result }) => result === 'failed')?.message;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** What became of interrupted runs when the engine started. */
  get atStart(): RecoveredJournals {
    return this.#first ?? nothing;
  }

  /** The same for the last time that it was tried. */
  get last(): RecoveredJournals {
    return this.#last ?? nothing;
  }

  /** Whether anything was left. Costs two looks at folders. */
  async isNeeded(): Promise<boolean> {
    const { folder } = this.#parts.home;
    return (await holdsAnything(scratchOf(folder))) || (await holdsAnything(journalsOf(folder)));
  }

  /** Nothing may be copied from, or written over, an install that is being put right, or could not be: `busy`, `refused`. */
  assertDone(): void {
    if (this.#running !== undefined) {
      const begun = momentText(this.#running.startedAtMs, this.#parts.now());
      const message = `An interrupted restore is being finished (begun ${begun}): wait for it to end, then try again.`;
      throw new AppError('busy', message);
    }
    const { halfRestored } = this;
    if (halfRestored !== undefined) throw new AppError('refused', halfRestored);
  }

  /** Resolves when nothing is being put right. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#running?.ended]);
  }

  /**
   * Puts right what a killed engine left; first of all, and whenever asked. Who asks while it is on gets what comes of it. With
   * `onWait` a guard that does so is waited for: later it may be this engine itself that is restoring.
   */
  async run(options: Waits = {}): Promise<RecoveredJournals> {
    if (this.#running === undefined) {
      this.#running = this.#begin(options);
      this.#parts.onChange();
    }
    return await this.#running.ended;
  }

  #begin(options: Waits): Running {
    const ended = this.#recover(options).finally(() => {
      this.#running = undefined;
      this.#parts.onChange();
    });
    return { startedAtMs: this.#parts.now(), ended };
  }

  async #recover(options: Waits): Promise<RecoveredJournals> {
    using parts = new DisposableStack();
    parts.use(this.#parts.holdAwake());
    const recovered = await recoverHome(this.#parts.home, options);
    this.#first ??= recovered;
    this.#last = recovered;
    return recovered;
  }
}

const nothing: RecoveredJournals = { restores: [], containers: [], leftovers: [] };

/**
 * What a killed engine left is put right before anything else runs: plaintext copies go, held containers come back, an
 * interrupted restore is finished or undone. Costs two looks at folders when there is nothing.
 */
async function recoverHome({ folder }: Home, options: Waits): Promise<RecoveredJournals> {
  const unswept = await sweepOrSay(folder);
  if (!(await holdsAnything(journalsOf(folder)))) return { ...nothing, leftovers: unswept };
  const { recoverJournals } = await import('../../backup/restore/swap/recover-journals.ts');
  const recovered = await recoverJournals(folder, options);
  return { ...recovered, leftovers: [...unswept, ...recovered.leftovers] };
}

/** What cannot be removed is no reason to leave agents down, nor not to start. */
async function sweepOrSay(folder: string): Promise<RecoveredJournals['leftovers']> {
  const scratch = scratchOf(folder);
  try {
    if (!(await holdsAnything(scratch))) return [];
    const { sweepScratch } = await import('../../backup/scratch.ts');
    await sweepScratch(folder);
    return [];
  } catch (error) {
    const message = `What an interrupted run left in ${scratch} could not be removed (${messageOf(error)}). Remove it by hand, then run recover.`;
    return [{ result: 'failed', message }];
  }
}

const scratchOf = (home: string): string => path.join(home, 'scratch');
const journalsOf = (home: string): string => path.join(home, 'journals');

async function holdsAnything(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
