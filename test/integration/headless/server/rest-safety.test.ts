import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { sharedRestLab } from '../../../helpers/rest-lab.ts';

/** Stands for an install that cannot be read any more: no safety backup can be made of it. */
const restoreUnreadable: typeof restoreBackup = async (_context, { backupId, safetyBackup }) => {
  if (safetyBackup) {
    const message = 'The safety backup failed: /data cannot be read. Nothing was changed.';
    throw new AppError('failed', message, { details: { noSafetyBackup: true } });
  }
  const restored = ['memory/agent-one-workspace'];
  const sizes = { files: 1, bytes: 1, stoppedMs: 0 };
  return {
    backupId,
    restored,
    safetyBackupId: null,
    restartRequired: false,
    ...sizes,
    warnings: [],
    notes: [],
  };
};

/** Stands for a long restore: it ends when it is cancelled, and has changed nothing then. */
const restoreUntilCancelled: typeof restoreBackup = async (_context, _request, { signal }) =>
  await new Promise((_, reject) => {
    // What the canceller gave; it may have been quicker.
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

const standIn = vi.hoisted(() => ({ restore: undefined as typeof restoreBackup | undefined }));
vi.mock('../../../../main/backup/restore/restore-service.ts', () => ({
  restoreBackup: async (...given: Parameters<typeof restoreBackup>) => await standIn.restore?.(...given),
}));

const shared = sharedRestLab({ isSetUp: true });
const backups = '/api/v1/admin/backups';

it('a restore that goes on beside the request is cancelled by its task', async () => {
  const lab = shared();
  standIn.restore = restoreUntilCancelled;
  const body = { backup_id: '000000000000', confirm: true };
  const headers = { prefer: 'respond-async' };
  const begun = await lab.ask({ method: 'POST', path: `${backups}/restore`, headers, body });
  expect(begun).toMatchObject({ status: 202, json: { operation: 'restore', state: 'running' } });
  const location = String(begun.headers['location']);
  expect((await lab.ask({ path: location })).json).toMatchObject({ state: 'running' });
  const second = await lab.ask({ method: 'POST', path: `${backups}/restore`, body });
  expect(second).toMatchObject({ status: 409, json: { kind: 'busy' } });
  expect((await lab.ask({ method: 'DELETE', path: location })).status).toBe(202);
  await lab.application.tasks.get(location.split('/').at(-1) ?? '').done;
  expect((await lab.ask({ path: location })).json).toMatchObject({
    state: 'failed',
    error: { kind: 'cancelled' },
    result: null,
  });
});

it('a restore goes on without a safety backup only when that was allowed', async () => {
  const lab = shared();
  standIn.restore = restoreUnreadable;
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
