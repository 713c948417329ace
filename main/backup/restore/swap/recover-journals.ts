import { setTimeout as delay } from 'node:timers/promises';
import { replayQuiesceJournals, type ReplayedJournal } from '../../../trinity/quiesce/replay-journals.ts';
import { settleRestores, type SettledRestores } from '../../guard/settle-restores.ts';
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

export type Waits = Readonly<{ onWait?: () => void }>;

const pollMs = 200;

/**
 * Brings back at once what was held for a copy, finishes or undoes what a restore left, and starts what was stopped for one when no
 * restore is open any more; then clears away what is left elsewhere. Journals of living processes are let alone; with `onWait`, which is
 * called once, restores are waited for: who begins to work on a home finds nobody there but a guard, which puts right what is left.
 */
export async function recoverJournals(home: string, { onWait }: Waits = {}): Promise<RecoveredJournals> {
  const folder = journalsFolder(home);
  const early = await replayQuiesceJournals(folder, { isRestoreSettled: false });
  const { isSettled, restores } = await settle(home, onWait);
  const late = isSettled ? await replayQuiesceJournals(folder, { isRestoreSettled: true }) : [];
  // What waited and does not any more is told anew, or was brought back by a guard.
  const isPast = ({ file, result }: ReplayedJournal) =>
    late.some((other) => other.file === file) || (isSettled && result === 'waiting');
  const containers = [...early.filter((one) => !isPast(one)), ...late];
  return { restores, containers, leftovers: await clearLeftovers(home) };
}

async function settle(
  home: string,
  onWait: Waits['onWait'],
): Promise<Pick<SettledRestores, 'isSettled' | 'restores'>> {
  let isTold = false;
  const recovered: RecoveredRestore[] = [];
  for (;;) {
    const { isSettled, isHeld, restores } = await settleRestores(home);
    const isLast = onWait === undefined || !isHeld;
    // What failed is tried once more, here or by the guard.
    recovered.push(...restores.filter(({ result }) => isLast || result !== 'failed'));
    if (isLast) return { isSettled, restores: recovered };
    if (!isTold) onWait();
    isTold = true;
    await delay(pollMs);
  }
}
