import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { ageText, clockText } from '../../../shared/lib/time-text.ts';
import type { StateName, StatusCause } from '../../../shared/model/status.ts';
import { backUpNow, show } from './actions.ts';
import type { StatusFacts } from './facts.ts';
import { withoutStop } from './running-text.ts';
import * as say from './sentences.ts';
import { copiesBehind, hasBackup, uncoveredSources } from './source-ages.ts';
import { failureKind, stateTable } from './state-table.ts';

type Told = Readonly<{ key: string; title: string; body: string }>;

/** What a notice says of a state that is a trouble: one cause has one key, however bad it becomes. */
const troubles: readonly Readonly<{ state: StateName; tell: (facts: StatusFacts) => Told }>[] = [
  {
    state: 'locked',
    tell: (facts) => ({
      key: 'locked',
      title: 'The vault is locked',
      body: `${capital(withoutStop(facts.vaultProblem ?? 'no key opens it'))}. ${say.lastGoodText(facts)}`,
    }),
  },
  {
    state: 'recovering',
    tell: (facts) => ({
      key: 'unrecovered',
      title: 'An interrupted run is not put in order',
      body: `${capital(withoutStop(facts.unrecovered ?? ''))}.`,
    }),
  },
  {
    state: 'damaged',
    tell: (facts) => ({ key: 'damaged', title: 'Backups are damaged', body: facts.damage ?? '' }),
  },
  {
    state: 'stopped',
    tell: (facts) => ({
      key: 'stopped',
      title: 'Backups are not running',
      body: `Nothing is backed up by the schedule. ${say.lastGoodText(facts)}`,
    }),
  },
  {
    state: 'failed',
    tell: (facts) => ({
      key: `backup:${failureKind(facts)}`,
      title: say.lateTitle(facts),
      body: `${capital(say.failureCause(facts))}. ${say.lastGoodText(facts)}`,
    }),
  },
  {
    state: 'stale',
    tell: (facts) => ({
      key: 'backup:stale',
      title: say.lateTitle(facts),
      body: say.staleText(facts),
    }),
  },
  {
    state: 'attention',
    tell: (facts) => ({
      key: `backup:${failureKind(facts)}`,
      title: `The ${clockText(facts.lastFailure?.atMs ?? facts.nowMs, facts.nowMs)} backup failed`,
      body: `${capital(withoutStop(facts.lastFailure?.cause ?? ''))}. ${say.lastGoodText(facts)}`,
    }),
  },
  {
    state: 'uncovered',
    tell: (facts) => ({
      key: 'uncovered',
      title: `${countOf(uncoveredSources(facts).length, 'source')} in no backup`,
      body: say.uncoveredText(facts),
    }),
  },
  {
    state: 'copy behind',
    tell: (facts) => {
      const [worst] = copiesBehind(facts);
      const age = ageText(facts.nowMs - (worst?.behindSinceMs ?? facts.nowMs));
      const problem = worst?.problem === undefined ? '' : ` ${worst.problem}`;
      return {
        key: `copy:${worst?.name ?? ''}`,
        title: `A copy is ${age} behind`,
        body: `${say.copyBehindText(facts)}${problem}`,
      };
    },
  },
  {
    state: 'unproven',
    tell: (facts) => ({
      key: 'unproven',
      title: 'Not proven to restore',
      body: say.unprovenText(facts),
    }),
  },
  {
    state: 'warnings',
    tell: (facts) => ({
      key: 'warnings',
      title: 'The last backup left something out',
      body: say.warningsText(facts),
    }),
  },
];

/** Everything that is wrong or worth an offer, whatever the one sentence says; the worst first, each once. */
export function causesOf(facts: StatusFacts): readonly StatusCause[] {
  if (!facts.isSetUp) return [];
  const found = troubles.flatMap(({ state, tell }): readonly StatusCause[] => {
    const { fits, severity, action } = stateTable[state];
    if (!fits(facts) || isCoveredBy(state, facts)) return [];
    return [{ ...tell(facts), severity, action: action(facts) }];
  });
  const all = [...found, ...offers(facts)];
  return all.filter(({ key }, index) => all.findIndex((other) => other.key === key) === index);
}

/** Told by a worse state already, or not worth telling. */
function isCoveredBy(state: StateName, facts: StatusFacts): boolean {
  // Whoever is late since its run failed need not be told twice.
  if (state === 'stale' || state === 'attention') return stateTable.failed.fits(facts);
  // A journal that is being finished now is no trouble yet.
  return state === 'recovering' && facts.unrecovered === undefined;
}

function offers(facts: StatusFacts): readonly StatusCause[] {
  return [
    finishOffer(facts),
    quietStartOffer(facts),
    spaceOffer(facts),
    upgradeOffer(facts),
    kitOffer(facts),
  ].filter((offer) => offer !== undefined);
}

function quietStartOffer({ quietStart }: StatusFacts): StatusCause | undefined {
  if (quietStart === undefined) return undefined;
  const { backupId, restoredAt, schedules, waitingRuns, isForeign } = quietStart;
  const off = [
    ...(schedules.length === 0 ? [] : [countOf(schedules.length, 'schedule')]),
    ...(waitingRuns === 0 ? [] : [countOf(waitingRuns, 'waiting run')]),
  ];
  const elsewhere = isForeign
    ? ' Make sure first that Trinity does not run any more where the backup comes from, else everything runs twice.'
    : '';
  return {
    key: `quiet-start:${restoredAt}`,
    severity: 'info',
    title: 'Trinity was started quietly',
    body: `The restore of backup ${backupId} has turned off ${off.join(' and ')}.${elsewhere}`,
    action: { label: 'Turn on', operation: 'endQuietStart', input: {} },
  };
}

function finishOffer({ newInstall }: StatusFacts): StatusCause | undefined {
  if (newInstall === undefined) return undefined;
  const { database, agents } = newInstall;
  const what = [
    ...(database || agents > 0 ? [] : ['its restore was cut off when all of it was there']),
    ...(database ? ['its database waits to be loaded before Trinity is started'] : []),
    ...(agents > 0
      ? [`${countOf(agents, 'agent')} that ran ${agents === 1 ? 'waits' : 'wait'} to be started`]
      : []),
  ];
  return {
    key: 'finish',
    severity: 'attention',
    title: 'The restored install is not finished',
    body: `${capital(what.join(', and '))}: trinity-backup finish does what can be done now, and says what comes next.`,
    action: { label: 'Finish', operation: 'finish', input: {} },
  };
}

function spaceOffer({ space, vaultPlace }: StatusFacts): StatusCause | undefined {
  if (space === undefined || space.freeBytes > 2 * space.neededBytes) return undefined;
  return {
    key: 'space',
    severity: 'attention',
    title: 'The disk of the vault is nearly full',
    body: `${sizeText(space.freeBytes)} are free at ${vaultPlace}; under ${sizeText(space.neededBytes)} nothing is backed up any more.`,
    action: show('Free space', 'storage'),
  };
}

function upgradeOffer(facts: StatusFacts): StatusCause | undefined {
  const { upgrade } = facts;
  if (upgrade === undefined || !hasBackup(facts)) return undefined;
  const isReady = upgrade.kind === 'ready';
  return {
    key: `upgrade:${upgrade.to}`,
    severity: 'info',
    title: isReady ? 'Back up before Trinity is upgraded' : 'Trinity was upgraded',
    body: isReady
      ? `Trinity ${upgrade.to} lies ready and ${upgrade.from} is running. A backup made now can bring ${upgrade.from} back.`
      : `The last backup is of Trinity ${upgrade.from}, and ${upgrade.to} is there now. Back up what it made of the data.`,
    action: backUpNow,
  };
}

function kitOffer({ kitDueSinceMs, nowMs }: StatusFacts): StatusCause | undefined {
  if (kitDueSinceMs === undefined || kitDueSinceMs > nowMs) return undefined;
  return {
    key: 'kit',
    severity: 'info',
    title: 'Try the recovery kit',
    body: 'Type the recovery key once, so that it is known to open the vault on the day it is needed.',
    action: show('Try it', 'storage'),
  };
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
