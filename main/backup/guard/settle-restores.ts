import { listJournals } from '../restore/swap/journal.ts';
import { recoverRestores, type RecoveredRestore } from '../restore/swap/recover-restores.ts';

/**
 * Finishes or undoes what dead restores of a home left. Settled means that no journal of a restore is there any more, of a living
 * process neither: before that nobody starts an agent that was stopped for one.
 */
export async function settleRestores(
  home: string,
): Promise<Readonly<{ isSettled: boolean; restores: readonly RecoveredRestore[] }>> {
  const restores = await recoverRestores(home);
  return { isSettled: (await listJournals(home)).length === 0, restores };
}
