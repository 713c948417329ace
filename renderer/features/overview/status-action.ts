import { AppError } from '../../../shared/lib/app-error.ts';
import type { Client } from '../../../shared/ipc/client.ts';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { addressOf, pageNamed } from '../../app/routes.ts';

export type StatusAction = NonNullable<CallOutput<'status.get'>['action']>;

/** Does what mends a state; `show` and `finish` are no deeds but addresses (`addressOfAction`). */
export async function doStatusAction(
  client: Client,
  { operation, label, input }: StatusAction,
): Promise<void> {
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
    case 'copiesRun': {
      const { name } = input;
      await client.call('copies.run', typeof name === 'string' && name !== '' ? { name } : {});
      return;
    }
    case 'endQuietStart':
      await client.call('quietStart.end', {});
      return;
    case 'resume':
      await client.call('schedule.resume', {});
      return;
    case 'recover': {
      const { problem } = await client.call('recovery.run', {});
      if (problem !== null) throw new AppError('failed', problem);
      return;
    }
    default:
      throw new AppError(
        'failed',
        `“${label}” cannot be done from this page: use trinity-backup ${operation}.`,
      );
  }
}

/** Where an action leads, if it leads to a page; undefined as well for one that is not there, or that shows it already. */
export function addressOfAction({ operation, input }: StatusAction): string | undefined {
  // What is done then has to be told: there may be a next step.
  if (operation === 'finish') return addressOf('setup', { finish: 'yes' });
  const { page, backupId } = input;
  if (page === 'backup')
    return addressOf('history', typeof backupId === 'string' ? { backup: backupId } : {});
  const target = typeof page === 'string' ? pageNamed(page) : undefined;
  return target === undefined || target.name === 'overview' ? undefined : addressOf(target.name);
}
