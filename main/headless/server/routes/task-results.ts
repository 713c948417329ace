import type { z } from 'zod';
import { backupOutcome, restoreOutcome } from '../../../../shared/ipc/contract/tasks.ts';
import type { TaskRecord } from '../../../app/tasks/tasks.ts';
import type { ServerContext } from '../server-context.ts';
import { type RestManifest, restManifest, type restoreModel } from './models.ts';

type RestoreResult = z.infer<typeof restoreModel>;

/** What became of a restore, as the API tells it. */
export async function restoreResult(
  context: ServerContext,
  outcome: Readonly<z.infer<typeof restoreOutcome>>,
): Promise<RestoreResult> {
  const { backupId, restored, safetyBackupId, restartRequired } = outcome;
  return {
    manifest: restManifest(await context.run('show', { backupId })),
    restored_components: [...new Set(restored.map((source) => source.split('/')[0] ?? source))],
    safety_backup_id: safetyBackupId,
    restart_required: restartRequired,
  };
}

/** What the request that began a task would have been answered with; null for tasks of pages that the API has no route for. */
export async function resultOfTask(
  context: ServerContext,
  { operation, result }: TaskRecord,
): Promise<RestManifest | RestoreResult | null> {
  if (operation === 'restore') return await restoreResult(context, restoreOutcome.parse(result));
  if (operation !== 'backup') return null;
  return restManifest(await context.run('show', { backupId: backupOutcome.parse(result).backupId }));
}
