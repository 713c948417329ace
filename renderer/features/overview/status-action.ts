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
      await cancelBackups(client);
      return;
    default:
      throw new AppError(
        'failed',
        `“${label}” cannot be done from this page: use trinity-backup ${operation}.`,
      );
  }
}

async function cancelBackups(client: Client): Promise<void> {
  const { tasks } = await client.call('tasks.list', {});
  const running = tasks.filter(({ operation, state }) => operation === 'backup' && state === 'running');
  if (running.length === 0) {
    throw new AppError(
      'refused',
      'This backup was begun by the schedule or by a command: it can be cancelled there only.',
    );
  }
  await Promise.all(running.map(async ({ taskId }) => await client.call('tasks.cancel', { taskId })));
}

/** The page that an action leads to, if it leads to one. */
export function pageOfAction({ operation, input }: StatusAction): string | undefined {
  const { page } = input;
  return operation === 'show' && typeof page === 'string' ? page : undefined;
}
