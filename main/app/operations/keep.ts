import { z } from 'zod';
import { deleteBackup, setPinned, undeleteBackup } from '../../backup/keep-backups.ts';
import { pruneBackups, type PruneOutcome } from '../../backup/retention/prune.ts';
import { operation } from '../operation.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

const oneBackup = z.strictObject({ backupId: z.string().max(64) });

export const pin = operation(
  z.strictObject({ backupId: z.string().max(64), isPinned: z.boolean() }),
  async (engine, { backupId, isPinned }): Promise<Readonly<{ backupId: string; pinned: boolean }>> => {
    assertBackupId(backupId);
    await setPinned(await engine.services(), backupId, isPinned);
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
  z.strictObject({ dryRun: z.boolean(), confirmed: z.boolean() }),
  async (engine, request, options): Promise<PruneOutcome> => {
    if (request.dryRun) return await pruneBackups(await engine.services(), request, options);
    engine.entitlements.require('backup', 'retention');
    return await engine.exclusively('change', options, async (watched) =>
      pruneBackups(await engine.services(), request, watched),
    );
  },
);
