import { openRestores } from '../restore/swap/journal.ts';
import { recoverRestores, type RecoveredRestore } from '../restore/swap/recover-restores.ts';

export type SettledRestores = Readonly<{
  isSettled: boolean;
  /** Somebody is restoring just now, or puts right what a dead restore left. */
  isHeld: boolean;
  restores: readonly RecoveredRestore[];
}>;

/**
 * Finishes or undoes what dead restores of a home left. Settled means that no journal of a restore over what is live is there any more,
 * of a living process neither: before that nobody starts an agent that was stopped for one.
 */
export async function settleRestores(home: string): Promise<SettledRestores> {
  const restores = await recoverRestores(home);
  const { held, left } = await openRestores(home);
  return { isSettled: !held && !left, isHeld: held, restores };
}
