import { z } from 'zod';
import { drill as rehearse, type DrillOutcome } from '../../backup/drill/drill.ts';
import { operation } from '../operation.ts';
import { recordRun } from '../record-run.ts';
import { assertBackupId } from './list.ts';

/** A rehearsal: what of a backup was restored to a scratch place, checked and thrown away. */
export const drill = operation(
  z.strictObject({ backupId: z.string().max(64).optional() }),
  async (engine, { backupId }, options): Promise<DrillOutcome> => {
    if (backupId !== undefined) assertBackupId(backupId);
    const request = backupId === undefined ? {} : { backupId };
    const context = await engine.services();
    return await recordRun(engine, 'drill', async () => await rehearse(context, request, options), {
      done: (outcome) => ({
        outcome: outcome.ok ? 'succeeded' : 'failed',
        backupId: outcome.backupId,
        failedSources: outcome.failed.map(({ source }) => source),
        ...(outcome.failed[0] === undefined ? {} : { message: outcome.failed[0].message }),
      }),
    });
  },
);
