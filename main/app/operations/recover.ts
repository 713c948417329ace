import { z } from 'zod';
import type { RecoveredRestore } from '../../backup/recover-restores.ts';
import { operation } from '../operation.ts';

/**
 * Puts right what interrupted runs left. The engine has done so when it started: what is told here is what was left
 * then.
 */
export const recover = operation(
  z.strictObject({}),
  async (engine): Promise<Readonly<{ restores: readonly RecoveredRestore[] }>> => ({
    restores: [
      ...engine.recoveredAtStart.filter(({ result }) => result !== 'failed'),
      ...(await engine.recover()),
    ],
  }),
);
