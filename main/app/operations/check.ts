import { z } from 'zod';
import { collectGarbage } from '../../backup/collect-service.ts';
import { drill as rehearse, type DrillOutcome } from '../../backup/drill/drill.ts';
import type { VerifyOutcome } from '../../backup/services.ts';
import { verifyVault } from '../../backup/verify-service.ts';
import type { CollectResult } from '../../vault/upkeep/collect.ts';
import { operation } from '../operation.ts';
import { recordRun } from '../record-run.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

const id = z.string().max(64);

/** Checks the vault, or what one backup needs, as deep as asked; recorded in the history. */
export const verify = operation(
  z.strictObject({ backupId: id.optional(), data: z.enum(['none', 'sample', 'full']), from: id.optional() }),
  async (engine, { backupId, data, from }, options): Promise<VerifyOutcome> => {
    if (backupId !== undefined) assertBackupId(backupId);
    const request = { data, ...(backupId === undefined ? {} : { backupId }) };
    const context = await engine.services(from === undefined ? undefined : await engine.copies.open(from));
    return await recordRun(
      engine,
      from === undefined ? 'verify' : 'verify-copy',
      async () => await verifyVault(context, request, options),
      {
        done: ({ ok, damaged }) => ({
          outcome: ok ? 'succeeded' : 'failed',
          failedSources: [...new Set(damaged.flatMap(({ sources }) => sources))],
          ...(ok ? {} : { message: damageText(damaged) }),
        }),
      },
    );
  },
);

/** What is damaged, in one sentence. */
export function damageText(damaged: VerifyOutcome['damaged']): string {
  const backups = [...new Set(damaged.flatMap((damage) => damage.backups))];
  const sources = [...new Set(damaged.flatMap((damage) => damage.sources))];
  const [first] = damaged;
  if (backups.length === 0) return `${first?.object ?? 'something'} is damaged, which no backup needs.`;
  const parts = sources.length === 0 ? '' : `: ${sources.join(', ')} cannot be restored whole`;
  return `${backups.length === 1 ? 'the backup' : 'the backups'} ${backups.join(', ')} ${backups.length === 1 ? 'is' : 'are'} damaged${parts}.`;
}

/** A rehearsal: what of a backup was restored to a scratch place, checked and thrown away. */
export const drill = operation(
  z.strictObject({ backupId: id.optional(), from: id.optional() }),
  async (engine, { backupId, from }, options): Promise<DrillOutcome> => {
    engine.entitlements.require('backup', 'drills');
    if (backupId !== undefined) assertBackupId(backupId);
    const request = backupId === undefined ? {} : { backupId };
    const context = await engine.services(from === undefined ? undefined : await engine.copies.open(from));
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

/** Deletes what no backup needs any more, in two runs. */
export const collect = operation(
  z.strictObject({}),
  async (engine, _input, options): Promise<CollectResult> =>
    await engine.exclusively('change', options, async (watched) =>
      collectGarbage(await engine.services(), watched),
    ),
);
