import type { AgentConsistency } from '../../../shared/model/agent-list.ts';

/** How an agent is held while it is copied, and what that costs. */
export const consistencies: readonly Readonly<{ value: AgentConsistency; label: string; meaning: string }>[] =
  [
    {
      value: 'pause',
      label: 'Pause',
      meaning: 'frozen for a moment, so that all of its files are of one point in time. It notices nothing.',
    },
    {
      value: 'stop',
      label: 'Stop',
      meaning:
        'ended and started again, so that it has written everything it had in mind. Running work is lost.',
    },
    {
      value: 'live',
      label: 'Live',
      meaning:
        'never held. Files that change just then may be from different moments, which the backup says.',
    },
  ];
