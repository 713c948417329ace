import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { restoreBackup } from '../../../../main/backup/restore-service.ts';
import { sharedRestLab } from '../../../helpers/rest-lab.ts';

/** Stands for an install that cannot be read any more: no safety backup can be made of it. */
const restoreUnreadable: typeof restoreBackup = async (_context, { backupId, safetyBackup }) => {
  if (safetyBackup) {
    const message = 'The safety backup failed: /data cannot be read. Nothing was changed.';
    throw new AppError('failed', message, { details: { noSafetyBackup: true } });
  }
  const restored = ['memory/agent-one-workspace'];
  return { backupId, restored, safetyBackupId: null, restartRequired: false, warnings: [], notes: [] };
};

vi.mock('../../../../main/backup/restore-service.ts', () => ({ restoreBackup: restoreUnreadable }));

const shared = sharedRestLab({ isSetUp: true });
const backups = '/api/v1/admin/backups';

it('a restore goes on without a safety backup only when that was allowed', async () => {
  const lab = shared();
  const made = await lab.ask({ method: 'POST', path: backups });
  const { backup_id } = z.object({ backup_id: z.string() }).parse(made.json);
  const restore = async (more: Readonly<Record<string, unknown>>) =>
    await lab.ask({
      method: 'POST',
      path: `${backups}/restore`,
      body: { backup_id, confirm: true, ...more },
    });
  for (const more of [{}, { allow_no_safety_backup: false }]) {
    const refused = await restore(more);
    expect(refused).toMatchObject({ status: 500, json: { kind: 'failed' } });
    expect(refused.text).not.toContain('/data');
  }
  const allowed = await restore({ allow_no_safety_backup: true });
  expect(allowed).toMatchObject({
    status: 200,
    json: { safety_backup_id: null, restored_components: ['memory'], restart_required: false },
  });
});
