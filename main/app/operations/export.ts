import { z } from 'zod';
import { exportArchive, type ExportOutcome } from '../../backup/export.ts';
import { operation } from '../operation.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

/** Writes an agent or a component of a backup as an archive that any tool opens. */
export const exportBackup = operation(
  z.strictObject({
    backupId: z.string().max(64),
    agent: z.string().max(255).optional(),
    component: z.string().max(255).optional(),
    output: z.string().startsWith('/').max(4096),
  }),
  async (engine, request, options): Promise<ExportOutcome> => {
    assertBackupId(request.backupId);
    return await exportArchive({ vault: await engine.vault() }, request, options);
  },
);
