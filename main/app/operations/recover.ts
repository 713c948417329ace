import { z } from 'zod';
import type { RecoveredJournals } from '../../backup/restore/swap/recover-journals.ts';
import { operation } from '../operation.ts';

/**
 * Puts right what interrupted runs left. The engine has done so when it started: what is told here is what was left
 * then.
 */
export const recover = operation(z.strictObject({}), async (engine): Promise<RecoveredJournals> => {
  const { restores, containers, leftovers } = engine.recovery.atStart;
  const now = await engine.recovery.run();
  const isDone = ({ result }: Readonly<{ result: string }>) => result !== 'failed';
  return {
    restores: [...restores.filter(isDone), ...now.restores],
    containers: [...containers.filter(isDone), ...now.containers],
    leftovers: [...leftovers.filter(isDone), ...now.leftovers],
  };
});

/** Why something could not be put right yet; null: all is. */
export function leftProblem({ restores, containers, leftovers }: RecoveredJournals): string | null {
  const failed = [...restores, ...containers, ...leftovers].filter(({ result }) => result === 'failed');
  return failed.length === 0 ? null : failed.map(({ message }) => message).join(' ');
}
