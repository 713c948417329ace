import { clockText, momentText } from '../../../../shared/lib/time-text.ts';
import type { StatusAction } from '../../../../shared/model/status.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import { agentsText } from './agents-text.ts';
import { tableText } from './table.ts';

type Status = ResultOf<'status'>;

/** The sentence, what mends it and what comes next, then a table of sources and one of agents. */
export function statusText(status: Status, nowMs: number): string {
  const { sources, memory, nextRunAt } = status;
  const unfinished = status.causes.find(({ key }) => key === 'finish');
  const mends = commandOf(status);
  const head = [
    status.sentence,
    ...(mends === undefined ? [] : [`What to do: ${mends}`]),
    ...(unfinished === undefined ? [] : [unfinished.body]),
    ...(nextRunAt === null ? [] : [`Next backup: ${clockText(Date.parse(nextRunAt), nowMs)}.`]),
  ].join('\n');
  if (sources.length === 0 || status.state === 'set up') return head;
  const moment = (at: string | null): string => (at === null ? 'never' : momentText(Date.parse(at), nowMs));
  const table = tableText(
    [{ title: 'SOURCE' }, { title: 'BACKED UP' }, { title: 'PROVEN' }],
    sources.map(({ source, lastBackupAt, provenAt }) => [source, moment(lastBackupAt), moment(provenAt)]),
  );
  // Whose a volume is only a backup of the database knows: before the first one its name would be a guess.
  const isKnown = memory !== null && sources.some(({ lastBackupAt }) => lastBackupAt !== null);
  return [head, table, ...(isKnown ? agentsText(memory, moment) : [])].join('\n\n');
}

/** What a person types for the action that the pages have as a button; nothing where all is well or goes by itself. */
function commandOf({ state, action }: Status): string | undefined {
  if (state === 'protected' || action === null) return undefined;
  const command = action.operation === 'show' ? commandOfPage(state, action) : commandOfDeed(action);
  return command === undefined ? undefined : `trinity-backup ${command}`;
}

function commandOfDeed({ operation, input }: StatusAction): string | undefined {
  const name = input['name'];
  switch (operation) {
    case 'backup':
    case 'drill':
    case 'recover':
      return operation;
    case 'copiesRun':
      return typeof name === 'string' && name !== '' ? `copies run ${name}` : 'copies run';
    case 'resume':
      return 'settings set pausedUntil null';
    default:
      return undefined;
  }
}

function commandOfPage(state: Status['state'], { input }: StatusAction): string | undefined {
  const { page, backupId } = input;
  if (typeof page !== 'string') return undefined;
  switch (page) {
    case 'setup':
      return 'install; then, where no vault is made yet, trinity-backup init --vault FOLDER';
    case 'unlock':
      return 'connect --vault FOLDER';
    case 'settings':
      return 'serve';
    case 'backup':
      return typeof backupId === 'string' ? `show ${backupId}` : 'list';
    case 'storage':
      return state === 'damaged' ? 'backup, then trinity-backup verify --data full' : 'prune --dry-run';
    default:
      return undefined;
  }
}
