import { replayQuiesceJournals, type ReplayedJournal } from '../../../trinity/quiesce/replay-journals.ts';
import { settleRestores } from '../../guard/settle-restores.ts';
import { clearLeftovers, type ClearedLeftovers } from '../../leftovers/clear-leftovers.ts';
import { journalsFolder } from './journal.ts';
import type { RecoveredRestore } from './recover-restores.ts';

/** What became of the runs of a home that had been cut off. */
export type RecoveredJournals = Readonly<{
  restores: readonly RecoveredRestore[];
  containers: readonly ReplayedJournal[];
  /** What was made on servers and in Trinity, and had to go again. */
  leftovers: readonly ClearedLeftovers[];
}>;

/**
 * Brings back at once what was held for a copy, finishes or undoes what a restore left, and starts what was stopped for one when no
 * restore is open any more; then clears away what is left elsewhere. Journals of living processes are let alone.
 */
export async function recoverJournals(home: string): Promise<RecoveredJournals> {
  const folder = journalsFolder(home);
  const early = await replayQuiesceJournals(folder, { isRestoreSettled: false });
  const { isSettled, restores } = await settleRestores(home);
  const late = isSettled ? await replayQuiesceJournals(folder, { isRestoreSettled: true }) : [];
  const isReplayed = ({ file }: ReplayedJournal) => late.some((other) => other.file === file);
  const containers = [...early.filter((one) => !isReplayed(one)), ...late];
  return { restores, containers, leftovers: await clearLeftovers(home) };
}
