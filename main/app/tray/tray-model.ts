import { pauses, type PauseUntil } from '../../../shared/lib/pause-end.ts';
import type { Judgement, StateShape, StatusAction } from '../../../shared/model/status.ts';
import type { RecentRun } from './recent-runs.ts';
import { recentLabel } from './recent-runs.ts';

/** What an item of the menu, or a button of a notice, does. */
export type TrayDeed =
  | Readonly<{ do: 'backup'; only?: readonly string[]; agents?: readonly string[] }>
  /** What mends a state. */
  | Readonly<{ do: 'mend'; action: StatusAction }>
  | Readonly<{ do: 'pause'; until: PauseUntil }>
  | Readonly<{ do: 'resume' }>
  /** Says nothing more of a cause for a day. */
  | Readonly<{ do: 'silence'; key: string }>
  /** Opens the window, at a page where one is named. */
  | Readonly<{ do: 'open'; address?: string }>
  | Readonly<{ do: 'quit' }>;

export type TrayItem =
  | Readonly<{ kind: 'text'; label: string }>
  | Readonly<{ kind: 'deed'; label: string; deed: TrayDeed; isEnabled: boolean }>
  | Readonly<{ kind: 'menu'; label: string; items: readonly TrayItem[] }>
  | Readonly<{ kind: 'line' }>;

/** The tray: an icon by its shape, a tooltip, a menu. */
export type TrayModel = Readonly<{ shape: StateShape; tooltip: string; items: readonly TrayItem[] }>;

export type TrayFacts = Readonly<{
  judgement: Pick<Judgement, 'sentence' | 'shape' | 'action' | 'state'>;
  /** Names of those that a backup can be made of, in order. */
  agents: readonly string[];
  isPaused: boolean;
  /** Newest first. */
  runs: readonly RecentRun[];
  /** Something changes vault or install just now. */
  isBusy: boolean;
  nowMs: number;
}>;

const mostAgents = 20;
const mostRuns = 5;

/** Before it is known how all stands; what is waited for, where a start is held up. */
export function startingTray(sentence = 'Starting.'): TrayModel {
  return {
    shape: 'ring',
    tooltip: sentence,
    items: [
      { kind: 'text', label: sentence },
      { kind: 'line' },
      deed('Open Trinity Backup', { do: 'open' }),
      deed('Quit', { do: 'quit' }),
    ],
  };
}

/** While the last backup and all else come to their end. */
export const closingTray: TrayModel = {
  shape: 'ring',
  tooltip: 'Closing.',
  items: [{ kind: 'text', label: 'Closing.' }],
};

/** What the tray shows of how all stands (UI.md 5). */
export function trayModel(facts: TrayFacts): TrayModel {
  const { sentence, shape } = facts.judgement;
  return {
    shape,
    tooltip: sentence,
    items: [
      { kind: 'text', label: sentence },
      ...mending(facts),
      { kind: 'line' },
      ...(facts.judgement.state === 'set up' ? [] : work(facts)),
      deed('Open Trinity Backup', { do: 'open' }),
      deed('Settings…', { do: 'open', address: '#/settings' }),
      deed('Quit', { do: 'quit' }),
    ],
  };
}

/** Not where it is what the menu offers anyway. */
function mending({ judgement: { action } }: TrayFacts): readonly TrayItem[] {
  if (action === null || action.label === backUpLabel) return [];
  return [deed(action.label, { do: 'mend', action })];
}

const backUpLabel = 'Back up now';

function work(facts: TrayFacts): readonly TrayItem[] {
  return [
    backUpMenu(facts),
    deed('Restore…', { do: 'open', address: '#/restore' }),
    facts.isPaused ? deed('Resume', { do: 'resume' }) : pauseMenu,
    recentMenu(facts),
    { kind: 'line' },
  ];
}

function backUpMenu({ agents, isBusy }: TrayFacts): TrayItem {
  const isEnabled = !isBusy;
  const more = agents.length - mostAgents;
  const items: readonly TrayItem[] = [
    { ...deed('Everything', { do: 'backup' }), isEnabled },
    { ...deed('Database', { do: 'backup', only: ['persistence'] }), isEnabled },
    ...(agents.length === 0 ? [] : [{ kind: 'line' } as const]),
    ...agents.slice(0, mostAgents).map((agent): TrayItem => ({
      ...deed(agent, { do: 'backup', agents: [agent] }),
      isEnabled,
    })),
    ...(more > 0 ? [deed(`${String(more)} more…`, { do: 'open', address: '#/agents' })] : []),
  ];
  return { kind: 'menu', label: backUpLabel, items };
}

const pauseMenu: TrayItem = {
  kind: 'menu',
  label: 'Pause',
  items: pauses.map(({ label, until }) => deed(label, { do: 'pause', until })),
};

function recentMenu({ runs, nowMs }: TrayFacts): TrayItem {
  const items: readonly TrayItem[] =
    runs.length === 0
      ? [{ kind: 'text', label: 'No backup yet' }]
      : runs
          .slice(0, mostRuns)
          .map((run) =>
            deed(recentLabel(run, nowMs), { do: 'open', address: `#/history?run=${String(run.id)}` }),
          );
  return { kind: 'menu', label: 'Recent', items };
}

function deed(label: string, what: TrayDeed): Extract<TrayItem, { kind: 'deed' }> {
  return { kind: 'deed', label, deed: what, isEnabled: true };
}
