import { AppError } from '../../../shared/lib/app-error.ts';
import type { Client } from '../../../shared/ipc/client.ts';
import type { CallOutput } from '../../../shared/ipc/contract.ts';

export type StatusAction = NonNullable<CallOutput<'status.get'>['action']>;

/** Does what mends a state; `show` is no deed but an address (`pageOfAction`). */
export async function doStatusAction(client: Client, { operation, label }: StatusAction): Promise<void> {
  switch (operation) {
    case 'backup':
      await client.call('backup.start', {});
      return;
    case 'drill':
      await client.call('drill.start', {});
      return;
    case 'cancel':
      await client.call('run.cancel', {});
      return;
    case 'copiesRun':
      await client.call('copies.run', {});
      return;
    case 'endQuietStart':
      await client.call('quietStart.end', {});
      return;
    case 'finish':
      await client.call('restore.finish', {});
      return;
    case 'resume':
      await client.call('schedule.resume', {});
      return;
    default:
      throw new AppError(
        'failed',
        `“${label}” cannot be done from this page: use trinity-backup ${operation}.`,
      );
  }
}

/** The page that an action leads to, if it leads to one. */
export function pageOfAction({ operation, input }: StatusAction): string | undefined {
  const { page } = input;
  return operation === 'show' && typeof page === 'string' ? page : undefined;
}
