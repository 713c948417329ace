import { sizeText } from '../../../../shared/lib/size-text.ts';
import { durationText } from '../../../../shared/lib/time-text.ts';
import type { AgentsState } from '../../../backup/agents-state.ts';
import { tableText } from './table.ts';

/** A table of agents, then one line each for what is nobody's and what is new; nothing without agents. */
export function agentsText(
  { agents, ownerless, newVolumes }: AgentsState,
  moment: (at: string | null) => string,
): readonly string[] {
  const table = tableText(
    [
      { title: 'AGENT' },
      { title: 'COVERED' },
      { title: 'BACKED UP' },
      { title: 'SIZE', right: true },
      { title: 'FROZEN', right: true },
      { title: 'VOLUMES' },
    ],
    agents.map(({ agent, coverage, lastBackupAt, bytes, frozenMs, volumes }) => [
      agent,
      coverage === 'covered' ? 'yes' : coverage,
      coverage === 'left-out' ? '-' : moment(lastBackupAt),
      sizeText(bytes),
      frozenMs === 0 ? '-' : durationText(frozenMs),
      volumes.join(', '),
    ]),
  );
  return [
    ...(agents.length === 0 ? [] : [table]),
    ...(ownerless.length === 0 ? [] : [`Volumes that belong to nobody: ${ownerless.join(', ')}.`]),
    ...(newVolumes.length === 0 ? [] : [`New since the last backup: ${newVolumes.join(', ')}.`]),
  ];
}
