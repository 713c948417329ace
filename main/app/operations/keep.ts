import { z } from 'zod';
import { deleteBackup, setPinned, undeleteBackup } from '../../backup/keep-backups.ts';
import { goingByRules, pruneBackups, type PruneOutcome } from '../../backup/retention/prune.ts';
import { operation } from '../operation.ts';
import { type LastCopies, lastCopies } from '../../backup/retention/last-copies.ts';
import { retentionSettings } from '../../../shared/model/settings.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

const oneBackup = z.strictObject({ backupId: z.string().max(64) });

export const pin = operation(
  z.strictObject({ backupId: z.string().max(64), isPinned: z.boolean() }),
  async (engine, { backupId, isPinned }): Promise<Readonly<{ backupId: string; pinned: boolean }>> => {
    assertBackupId(backupId);
    await setPinned(await engine.services(), backupId, isPinned);
    engine.events.emit('vaultChanged', {});
    return { backupId, pinned: isPinned };
  },
);

export const deleteOne = operation(
  oneBackup,
  async (engine, { backupId }, options): Promise<Readonly<{ backupId: string; trashDays: number }>> => {
    assertBackupId(backupId);
    return await engine.exclusively('change', options, async (watched) =>
      deleteBackup(await engine.services(), backupId, watched),
    );
  },
);

export const undelete = operation(
  oneBackup,
  async (engine, { backupId }, options): Promise<Readonly<{ backupId: string }>> => {
    assertBackupId(backupId);
    return await engine.exclusively('change', options, async (watched) =>
      undeleteBackup(await engine.services(), backupId, watched),
    );
  },
);

/** Moves to the trash what no rule of retention keeps; a dry run only tells. */
export const prune = operation(
  z.strictObject({
    dryRun: z.boolean(),
    confirmed: z.boolean(),
    /** Rules to try in a dry run, before they are set. */
    rules: retentionSettings.optional(),
  }),
  async (engine, { dryRun, confirmed, rules }, options): Promise<PruneOutcome> => {
    const request = { dryRun, confirmed, ...(dryRun && rules !== undefined ? { rules } : {}) };
    if (dryRun) return await pruneBackups(await engine.services(), request, options);
    engine.entitlements.require('backup', 'retention');
    return await engine.exclusively('change', options, async (watched) =>
      pruneBackups(await engine.services(), request, watched),
    );
  },
);

/** The files whose last copy goes with a backup, if all goes that the rules let go. */
export const lastCopiesOf = operation(
  z.strictObject({ backupId: z.string().max(64), rules: retentionSettings.optional() }),
  async (engine, { backupId, rules }, options): Promise<LastCopies> => {
    const context = await engine.services();
    return await lastCopies(context, backupId, await goingByRules(context, rules), options);
  },
);
