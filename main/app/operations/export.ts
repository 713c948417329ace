import { z } from 'zod';
import { exportArchive, type ExportOutcome } from '../../backup/export/export.ts';
import { operation } from '../operation.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

/** Writes an agent or a component of a backup as an archive that any tool opens. */
export const exportBackup = operation(
  z.strictObject({
    backupId: z.string().max(64),
    agent: z.string().max(255).optional(),
    component: z.string().max(255).optional(),
    output: z.string().startsWith('/').max(4096),
    /** The copy of the vault to read. */
    from: z.string().max(64).optional(),
  }),
  async (engine, { from, ...request }, options): Promise<ExportOutcome> => {
    assertBackupId(request.backupId);
    return await exportArchive({ vault: (await engine.reading(from)).vault }, request, options);
  },
);
