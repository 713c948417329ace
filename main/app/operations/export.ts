import { z } from 'zod';
import { exportArchive, type ExportOutcome } from '../../backup/export/export.ts';
import { operation } from '../operation.ts';
import { restoreSubject } from './restore-subject.ts';
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
  async (
    engine,
    { from: copy, ...request },
    options,
  ): Promise<ExportOutcome & Readonly<{ from: string | null }>> => {
    assertBackupId(request.backupId);
    const { vault, from } = await engine.reading(copy);
    const subject = restoreSubject({
      ...(request.agent === undefined ? {} : { agents: [request.agent] }),
      ...(request.component === undefined ? {} : { only: [request.component] }),
    });
    return await engine.watched({ what: 'export', subject }, options, async (watched) => ({
      ...(await exportArchive({ vault }, request, watched)),
      from,
    }));
  },
);
