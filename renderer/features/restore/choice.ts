import type { CallInput } from '../../../shared/ipc/contract.ts';

const componentNames = { persistence: 'the database', config: 'the configuration' } as const;

/** What is to be had back. */
export type What =
  | Readonly<{ kind: 'everything' }>
  | Readonly<{ kind: 'agent'; agent: string }>
  | Readonly<{ kind: 'component'; component: keyof typeof componentNames }>;

export type Where = Readonly<{ kind: 'back' }> | Readonly<{ kind: 'folder'; folder: string }>;

/** What has been chosen so far, step by step; a later step has no meaning before the earlier ones. */
export type Choice = Readonly<{
  what: What | undefined;
  backupId: string | undefined;
  where: Where;
  startQuietly: boolean;
}>;

export const nothingChosen: Choice = {
  what: undefined,
  backupId: undefined,
  where: { kind: 'back' },
  startQuietly: false,
};

/** As the engine is asked; undefined while something is not chosen yet. */
export function requestOf(choice: Choice): CallInput<'restore.plan'> | undefined {
  const { what, backupId, where, startQuietly } = choice;
  if (what === undefined || backupId === undefined) return undefined;
  if (where.kind === 'folder' && !where.folder.startsWith('/')) return undefined;
  return {
    backupId,
    ...selectionOf(what),
    destination: where.kind === 'back' ? { way: 'in-place' } : { way: 'to', folder: where.folder },
    safetyBackup: where.kind === 'back',
    ...(startQuietly && where.kind === 'back' ? { startQuietly } : {}),
  };
}

function selectionOf(what: What): Pick<CallInput<'restore.plan'>, 'agents' | 'only'> {
  if (what.kind === 'agent') return { agents: [what.agent] };
  return what.kind === 'component' ? { only: [what.component] } : {};
}

/** As the button and the result call it. */
export function nameOf(what: What): string {
  if (what.kind === 'agent') return what.agent;
  return what.kind === 'component' ? componentNames[what.component] : 'everything';
}

/** The filter of backups that hold it. */
export function filterOf(what: What): Pick<CallInput<'backups.list'>, 'agent' | 'component'> {
  if (what.kind === 'agent') return { agent: what.agent };
  return what.kind === 'component' ? { component: what.component } : {};
}
