import { countOf } from '../../../shared/lib/size-text.ts';
import { ageText, clockText } from '../../../shared/lib/time-text.ts';
import type { Severity, StateName, StateShape, StatusAction } from '../../../shared/model/status.ts';
import { backUpNow, mendingAction, rehearse, show } from './actions.ts';
import type { StatusFacts } from './facts.ts';
import { backingUpText, recoveringText, restoringText, withoutStop } from './running-text.ts';
import * as say from './sentences.ts';
import {
  copiesBehind,
  failingSources,
  hasBackup,
  lateSources,
  uncoveredSources,
  unprovenSources,
} from './source-ages.ts';

type Row = Readonly<{
  fits: (facts: StatusFacts) => boolean;
  sentence: (facts: StatusFacts) => string;
  short: (facts: StatusFacts) => string;
  action: (facts: StatusFacts) => StatusAction | null;
  shape: StateShape;
  severity: Severity;
}>;

/** What hinders a run now, or hindered the last one. */
export function failureKind({
  vault,
  lastFailure,
  installProblem,
}: StatusFacts): NonNullable<StatusFacts['lastFailure']>['kind'] {
  if (vault === 'absent') return 'away';
  return lastFailure?.kind ?? (installProblem === undefined ? 'other' : 'install');
}

/** UI.md 3, row by row. */
export const stateTable: Readonly<Record<StateName, Row>> = {
  'set up': {
    fits: ({ isSetUp }) => !isSetUp,
    sentence: () => 'Not set up yet.',
    short: () => 'Not set up',
    action: () => show('Set up', 'setup'),
    shape: 'clock',
    severity: 'info',
  },
  locked: {
    fits: ({ vault }) => vault === 'locked',
    sentence: ({ vaultProblem }) =>
      vaultProblem === undefined
        ? 'The vault is locked on this computer.'
        : `The vault is locked on this computer: ${withoutStop(vaultProblem)}.`,
    short: () => 'Locked',
    action: () => show('Unlock', 'unlock'),
    shape: 'lock',
    severity: 'bad',
  },
  restoring: {
    fits: ({ running }) => running?.what === 'restore',
    sentence: ({ running }) => restoringText(running),
    short: () => 'Restoring',
    action: () => show('Show', 'progress'),
    shape: 'ring',
    severity: 'info',
  },
  recovering: {
    fits: ({ isRecovering, unrecovered }) => isRecovering || unrecovered !== undefined,
    sentence: recoveringText,
    short: ({ isRecovering }) => (isRecovering ? 'Recovering' : 'Not recovered'),
    action: ({ isRecovering }) =>
      isRecovering ? show('Show', 'progress') : { label: 'Try again', operation: 'recover', input: {} },
    shape: 'ring',
    severity: 'bad',
  },
  running: {
    fits: ({ running }) => running?.what === 'backup',
    sentence: ({ running }) => backingUpText(running),
    short: ({ running }) =>
      running?.percent === undefined ? 'Backing up' : `Backing up, ${running.percent} %`,
    action: () => ({ label: 'Cancel', operation: 'cancel', input: {} }),
    shape: 'ring',
    severity: 'info',
  },
  damaged: {
    fits: ({ damage }) => damage !== undefined,
    sentence: ({ damage }) => damage ?? '',
    short: () => 'Damaged',
    action: ({ isDamageOfRehearsal, isEntitled }) =>
      isDamageOfRehearsal && isEntitled ? rehearse : show('Show', 'storage'),
    shape: 'cross',
    severity: 'bad',
  },
  stopped: {
    fits: ({ schedule, isEntitled }) => schedule === 'stopped' && isEntitled,
    sentence: () => 'Backups are not running.',
    short: () => 'Not running',
    action: () => show('Start', 'settings'),
    shape: 'cross',
    severity: 'bad',
  },
  failed: {
    fits: (facts) => failingSources(facts).length > 0,
    sentence: say.failedText,
    short: (facts) => `No backup for ${say.lateAge(facts)}`,
    action: (facts) => mendingAction(failureKind(facts)),
    shape: 'cross',
    severity: 'bad',
  },
  stale: {
    fits: (facts) => lateSources(facts).length > 0,
    sentence: say.staleText,
    short: (facts) => `${say.lateAge(facts)} old`,
    action: () => backUpNow,
    shape: 'cross',
    severity: 'bad',
  },
  attention: {
    fits: ({ lastFailure }) => lastFailure !== undefined,
    sentence: say.attentionText,
    short: () => 'Last run failed',
    action: (facts) => mendingAction(failureKind(facts)),
    shape: 'triangle',
    severity: 'attention',
  },
  uncovered: {
    fits: (facts) => hasBackup(facts) && uncoveredSources(facts).length > 0,
    sentence: say.uncoveredText,
    short: (facts) => `${uncoveredSources(facts).length} not backed up`,
    action: () => ({ ...backUpNow, label: 'Include it' }),
    shape: 'triangle',
    severity: 'attention',
  },
  'copy behind': {
    fits: (facts) => facts.isEntitled && copiesBehind(facts).length > 0,
    sentence: say.copyBehindText,
    short: (facts) =>
      `Copy ${ageText(facts.nowMs - (copiesBehind(facts)[0]?.behindSinceMs ?? facts.nowMs))} behind`,
    action: (facts) => ({
      label: 'Copy now',
      operation: 'copiesRun',
      input: { name: copiesBehind(facts)[0]?.name ?? '' },
    }),
    shape: 'triangle',
    severity: 'attention',
  },
  'first backup': {
    fits: (facts) => !hasBackup(facts) && facts.vault === 'open',
    sentence: () => 'Ready for the first backup.',
    short: () => 'Ready',
    action: () => backUpNow,
    shape: 'clock',
    severity: 'info',
  },
  unproven: {
    fits: (facts) =>
      facts.isEntitled && facts.vault === 'open' && hasBackup(facts) && unprovenSources(facts).length > 0,
    sentence: say.unprovenText,
    short: () => 'Not proven',
    action: () => rehearse,
    shape: 'triangle',
    severity: 'attention',
  },
  warnings: {
    fits: ({ warnings }) => warnings.length > 0,
    sentence: say.warningsText,
    short: ({ warnings }) => countOf(warnings.length, 'warning'),
    action: ({ newestBackupId }) =>
      show('Show', 'backup', newestBackupId === undefined ? {} : { backupId: newestBackupId }),
    shape: 'triangle',
    severity: 'attention',
  },
  paused: {
    fits: ({ pause, nowMs, isEntitled }) =>
      isEntitled && pause !== undefined && (pause.untilMs === undefined || pause.untilMs > nowMs),
    sentence: say.pausedText,
    short: ({ pause, nowMs }) =>
      pause?.untilMs === undefined ? 'Paused' : `Paused until ${clockText(pause.untilMs, nowMs)}`,
    action: () => ({ label: 'Resume', operation: 'resume', input: {} }),
    shape: 'pause',
    severity: 'info',
  },
  waiting: {
    fits: ({ vault, installProblem }) => vault !== 'open' || installProblem !== undefined,
    sentence: say.waitingText,
    short: () => 'Waiting',
    action: () => null,
    shape: 'clock',
    severity: 'info',
  },
  protected: {
    fits: () => true,
    sentence: say.protectedText,
    short: () => 'Protected',
    action: () => backUpNow,
    shape: 'check',
    severity: 'good',
  },
};
