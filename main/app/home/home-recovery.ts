import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import type { RecoveredJournals } from '../../backup/restore/swap/recover-journals.ts';
import type { Home } from './home.ts';

/** What an interrupted run left, put right when the engine starts and whenever asked, and what of it is still open. */
export class HomeRecovery {
  readonly #home: Home;
  #halfRestored: string | undefined;
  /** Containers that were held when a run was cut off and are not back yet: why. */
  #notBack: string | undefined;
  #first: RecoveredJournals | undefined;
  #isRunning = false;

  constructor(home: Home) {
    this.#home = home;
  }

  /** What could not be put right yet: why. */
  get problem(): string | undefined {
    return this.#halfRestored ?? this.#notBack;
  }

  /** Why an install is neither restored nor as it was before. */
  get halfRestored(): string | undefined {
    return this.#halfRestored;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** What became of interrupted runs when the engine started. */
  get atStart(): RecoveredJournals {
    return this.#first ?? nothing;
  }

  /** Puts right what a killed engine left; first of all, and whenever asked. */
  async run(): Promise<RecoveredJournals> {
    this.#isRunning = true;
    const recovered = await recoverHome(this.#home).finally(() => (this.#isRunning = false));
    this.#first ??= recovered;
    this.#halfRestored = recovered.restores.find(({ result }) => result === 'failed')?.message;
    this.#notBack = recovered.containers.find(({ result }) => result === 'failed')?.message;
    return recovered;
  }
}

const nothing: RecoveredJournals = { restores: [], containers: [], leftovers: [] };

/**
 * What a killed engine left is put right before anything else runs: plaintext copies go, held containers come back, an
 * interrupted restore is finished or undone. Costs two looks at folders when there is nothing.
 */
async function recoverHome({ folder }: Home): Promise<RecoveredJournals> {
  if (await holdsAnything(path.join(folder, 'scratch'))) {
    const { sweepScratch } = await import('../../backup/scratch.ts');
    await sweepScratch(folder);
  }
  if (!(await holdsAnything(path.join(folder, 'journals')))) return nothing;
  const { recoverJournals } = await import('../../backup/restore/swap/recover-journals.ts');
  return await recoverJournals(folder);
}

async function holdsAnything(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
