import { mendingAction } from '../../main/app/status/actions.ts';
import { judge } from '../../main/app/status/judge.ts';
import { stateTable } from '../../main/app/status/state-table.ts';
import { failureKind } from '../../shared/model/failure-kind.ts';
import { type StatusAction, stateNames } from '../../shared/model/status.ts';
import { nowMs, statusFacts } from './status-facts.ts';

const copy = {
  name: 'nas',
  place: '/mnt/nas',
  required: true,
  behindSinceMs: nowMs - 1e9,
  problem: undefined,
};
const quietStart = {
  backupId: '0123456789ab',
  restoredAt: '2026-11-22T12:00:00.000Z',
  schedules: ['nightly'],
  waitingRuns: 0,
  isForeign: false,
};

/** Whatever a state, a cause or a notice offers to do. */
export function offeredActions(): readonly StatusAction[] {
  const { causes } = judge(
    statusFacts({
      quietStart,
      newInstall: { database: true, agents: 1 },
      space: { freeBytes: 1, neededBytes: 1 },
      upgrade: { kind: 'ready', from: '0.9.4', to: '0.9.5' },
      kitDueSinceMs: nowMs - 1,
    }),
  );
  return [
    ...stateNames.map((state) => stateTable[state].action(statusFacts({ copies: [copy] }))),
    stateTable.recovering.action(statusFacts({ isRecovering: true })),
    ...failureKind.options.map((kind) => mendingAction(kind)),
    ...causes.map(({ action }) => action),
  ].filter((action) => action !== null);
}
