import type { CallInput } from '../../../shared/ipc/contract.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import type { KeyChoice } from '../../../shared/model/restore-plan.ts';

const componentNames = {
  persistence: 'the database',
  config: 'the configuration',
  files: "Trinity's shared files",
} as const;

/** A path of one source of a backup, as shown. */
export type ChosenPath = Readonly<{ component: string; volume: string; path: string }>;

/** What is to be had back. */
export type What =
  | Readonly<{ kind: 'everything' }>
  | Readonly<{ kind: 'agent'; agent: string }>
  | Readonly<{ kind: 'component'; component: keyof typeof componentNames }>
  | Readonly<{ kind: 'files'; paths: readonly ChosenPath[] }>;

export type Where =
  | Readonly<{ kind: 'back' }>
  | Readonly<{ kind: 'folder'; folder: string }>
  | Readonly<{ kind: 'name'; name: string }>;

/** What has been chosen so far, step by step; a later step has no meaning before the earlier ones. */
export type Choice = Readonly<{
  what: What | undefined;
  backupId: string | undefined;
  where: Where;
  /** Undefined: as the plan suggests. */
  startQuietly: boolean | undefined;
  keys: KeyChoice | undefined;
  /** `.env` comes back with what was chosen, since it holds the key. */
  withConfig: boolean;
  /** Said when none could be made: what is there now is gone then. */
  withoutSafetyBackup: boolean;
}>;

export const nothingChosen: Choice = {
  what: undefined,
  backupId: undefined,
  where: { kind: 'back' },
  startQuietly: undefined,
  keys: undefined,
  withConfig: false,
  withoutSafetyBackup: false,
};

/** As the engine is asked; undefined while something is not chosen yet. */
export function requestOf(choice: Choice): CallInput<'restore.plan'> | undefined {
  const { what, backupId, where, startQuietly, keys, withConfig, withoutSafetyBackup } = choice;
  if (what === undefined || backupId === undefined) return undefined;
  if (where.kind === 'folder' && !where.folder.startsWith('/')) return undefined;
  if (where.kind === 'name' && what.kind !== 'agent') return undefined;
  const isBack = where.kind === 'back';
  return {
    backupId,
    ...selectionOf(what, withConfig && isBack),
    destination: destinationOf(where),
    safetyBackup: isBack && !withoutSafetyBackup,
    ...(startQuietly !== undefined && isBack ? { startQuietly } : {}),
    ...(keys !== undefined && isBack ? { keys } : {}),
  };
}

/** As the engine calls it. */
export function destinationOf(where: Where): CallInput<'restore.plan'>['destination'] {
  switch (where.kind) {
    case 'back':
      return { way: 'in-place' };
    case 'folder':
      return { way: 'to', folder: where.folder };
    case 'name':
      return { way: 'as', name: where.name };
    default:
      return assertNever(where);
  }
}

function selectionOf(
  what: What,
  withConfig: boolean,
): Pick<CallInput<'restore.plan'>, 'agents' | 'only' | 'paths'> {
  switch (what.kind) {
    case 'everything':
      return {};
    case 'agent':
      return { agents: [what.agent], ...(withConfig ? { only: ['memory', 'config'] } : {}) };
    case 'component':
      return { only: withConfig ? [what.component, 'config'] : [what.component] };
    case 'files':
      return { paths: what.paths.map((chosen) => fullPath(chosen)) };
    default:
      return assertNever(what);
  }
}

/** A path with its source in front, which no other source can be meant by. */
function fullPath({ component, volume, path }: ChosenPath): string {
  return [component, volume, path].filter((part) => part !== '').join('/');
}

/** As the button and the result call what goes there. */
export function restoredNameOf(what: What, where: Where): string {
  return where.kind === 'name' ? `${nameOf(what)} as ${where.name}` : nameOf(what);
}

export function nameOf(what: What): string {
  switch (what.kind) {
    case 'everything':
      return 'everything';
    case 'agent':
      return what.agent;
    case 'component':
      return componentNames[what.component];
    case 'files': {
      const [only] = what.paths;
      if (only !== undefined && what.paths.length === 1) return only.path.split('/').at(-1) || fullPath(only);
      return filesText(what.paths.length);
    }
    default:
      return assertNever(what);
  }
}

export function filesText(count: number): string {
  return countOf(count, 'file or folder', 'files and folders');
}

/** The filter of backups that may hold it. */
export function filterOf(what: What): Pick<CallInput<'backups.list'>, 'agent' | 'component'> {
  if (what.kind === 'agent') return { agent: what.agent };
  if (what.kind === 'component') return { component: what.component };
  const [path] = what.kind === 'files' ? what.paths : [];
  return path === undefined ? {} : { component: path.component };
}
