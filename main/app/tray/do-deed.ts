import { AppError } from '../../../shared/lib/app-error.ts';
import { pauseEnd } from '../../../shared/lib/pause-end.ts';
import type { StatusAction } from '../../../shared/model/status.ts';
import type { Application } from '../application.ts';
import type { TaskOperation } from '../../../shared/ipc/contract/tasks.ts';
import type { OperationOptions } from '../operation.ts';
import type { InputOf } from '../operations/operations.ts';
import { leftProblem } from '../operations/recover.ts';
import { begun } from '../tasks/tasks.ts';
import { addressOfAction } from './page-address.ts';
import type { TrayDeed } from './tray-model.ts';

export type DeedParts = Readonly<{
  application: Pick<Application, 'run' | 'tasks' | 'clock'>;
  /** Opens the window, at a page where one is named. */
  open: (address?: string) => void;
}>;

const options: OperationOptions = { signal: new AbortController().signal, onProgress: () => undefined };

/** Does what was chosen in the tray or on a notice. Long work is only begun: how it goes on is told by the state. */
export async function doDeed(
  deed: Exclude<TrayDeed, Readonly<{ do: 'open' | 'quit' }>>,
  { application, open }: DeedParts,
): Promise<void> {
  switch (deed.do) {
    case 'backup': {
      const { only, agents } = deed;
      await begin(application, 'backup', {
        ...(only === undefined ? {} : { only: [...only] }),
        ...(agents === undefined ? {} : { agents: [...agents] }),
      });
      return;
    }
    case 'mend':
      await mend(deed.action, { application, open });
      return;
    case 'pause': {
      const until = pauseEnd(deed.until, application.clock.now());
      await application.run('pause', until === undefined ? {} : { until }, options);
      return;
    }
    case 'resume':
      await application.run('resume', {}, options);
      return;
    case 'silence':
      await application.run('noticesPause', { key: deed.key, hours: 24 }, options);
  }
}

/** Rejects where it was refused before it began. How it ends is told by the state, and in the history. */
async function begin<Name extends TaskOperation>(
  { tasks }: DeedParts['application'],
  operation: Name,
  input: InputOf<Name>,
): Promise<void> {
  await begun(tasks.start(operation, input));
}

/** An action is told by the name of an operation; those that mend are few. */
async function mend(action: StatusAction, { application, open }: DeedParts): Promise<void> {
  const { operation, label, input } = action;
  switch (operation) {
    case 'show':
    case 'finish':
      open(addressOfAction(action));
      return;
    case 'backup':
      await begin(application, 'backup', {});
      return;
    case 'drill':
      await begin(application, 'drill', {});
      return;
    case 'copiesRun': {
      const { name } = input;
      await begin(application, 'copiesRun', typeof name === 'string' && name !== '' ? { name } : {});
      return;
    }
    case 'cancel':
      await application.run('cancel', {}, options);
      return;
    case 'resume':
      await application.run('resume', {}, options);
      return;
    case 'endQuietStart':
      await application.run('endQuietStart', {}, options);
      return;
    case 'recover': {
      const problem = leftProblem(await application.run('recover', {}, options));
      if (problem !== null) throw new AppError('failed', problem);
      return;
    }
    default:
      throw new AppError('failed', `“${label}” is not known here: open Trinity Backup.`);
  }
}
