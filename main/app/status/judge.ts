import { assertNever } from '../../../shared/lib/assert-never.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import { ageText, dayMs, momentText } from '../../../shared/lib/time-text.ts';
import type { BackupSettings } from '../../../shared/model/settings.ts';

/** The states of UI.md 3 that this version can be in, worst first: the first that fits is the state. */
export const stateNames = [
  'set up',
  'locked',
  'restoring',
  'recovering',
  'running',
  'damaged',
  'failed',
  'stale',
  'attention',
  'uncovered',
  'first backup',
  'unproven',
  'warnings',
  'waiting',
  'protected',
] as const;

export type StateName = (typeof stateNames)[number];

/** One source of the install that ought to be backed up; times in ms since 1970. */
export type SourceFacts = Readonly<{
  /** As `sourceText`. */
  source: string;
  lastGoodMs: number | undefined;
  provenMs: number | undefined;
  /** The last run tried it and failed. */
  lastRunFailed: boolean;
}>;

export type StatusFacts = Readonly<{
  nowMs: number;
  isSetUp: boolean;
  /** `absent`: the vault's place is not there just now; `unusable`: something else keeps it from being opened. */
  vault: 'open' | 'locked' | 'absent' | 'unusable';
  /** Where the vault was looked for. */
  vaultPlace: string;
  /** Why the vault is not open, one sentence. */
  vaultProblem: string | undefined;
  /** `percent` is of the phase, one source in most cases. */
  running: Readonly<{ what: 'backup' | 'restore'; phase?: string; percent?: number }> | undefined;
  /** An interrupted run that could not be put in order: why. */
  unrecovered: string | undefined;
  /** What is known to be damaged and not healed yet, one sentence. */
  damage: string | undefined;
  sources: readonly SourceFacts[];
  /** The last backup run failed as a whole or in part: when and why. */
  lastFailure: Readonly<{ atMs: number; cause: string }> | undefined;
  /** Warnings of the newest backup. */
  warnings: readonly string[];
  objectives: BackupSettings['objectives'];
}>;

export type Judgement = Readonly<{ state: StateName; sentence: string; exitCode: 0 | 1 | 3 }>;

const hourMs = dayMs / 24;

/** The one state of an install and its sentence. It never claims more than the facts show: the worst source speaks. */
export function judge(facts: StatusFacts): Judgement {
  const state = stateNames.find((name) => isIn(name, facts)) ?? 'protected';
  return { state, sentence: sentenceOf(state, facts), exitCode: exitCodeOf(state, facts) };
}

function isIn(state: StateName, facts: StatusFacts): boolean {
  switch (state) {
    case 'set up':
      return !facts.isSetUp;
    case 'locked':
      return facts.vault === 'locked';
    case 'restoring':
      return facts.running?.what === 'restore';
    case 'recovering':
      return facts.unrecovered !== undefined;
    case 'running':
      return facts.running?.what === 'backup';
    case 'damaged':
      return facts.damage !== undefined;
    case 'failed':
      return lateSources(facts).some((source) => isFailing(source, facts));
    case 'stale':
      return lateSources(facts).length > 0;
    case 'attention':
      return facts.lastFailure !== undefined;
    case 'uncovered':
      return hasBackup(facts) && uncovered(facts).length > 0;
    case 'first backup':
      return !hasBackup(facts) && facts.vault === 'open';
    case 'unproven':
      return facts.vault === 'open' && unproven(facts).length > 0;
    case 'warnings':
      return facts.warnings.length > 0;
    case 'waiting':
      return facts.vault !== 'open';
    case 'protected':
      return true;
    default:
      return assertNever(state);
  }
}

function sentenceOf(state: StateName, facts: StatusFacts): string {
  switch (state) {
    case 'set up':
      return 'Not set up yet.';
    case 'locked':
      return `The vault is locked on this computer: ${withoutStop(facts.vaultProblem ?? 'no key opens it')}.`;
    case 'restoring':
      return runningText('Restoring', facts);
    case 'recovering':
      return `An interrupted run is not put in order yet: ${withoutStop(facts.unrecovered ?? '')}.`;
    case 'running':
      return runningText('Backing up', facts);
    case 'damaged':
      return facts.damage ?? '';
    case 'failed':
      return failedSentence(facts);
    case 'stale':
      return staleSentence(facts);
    case 'attention':
      return attentionSentence(facts);
    case 'uncovered':
      return uncoveredSentence(facts);
    case 'first backup':
      return 'Ready for the first backup.';
    case 'unproven':
      return `Backed up ${lastBackupText(facts)}; ${unprovenText(facts)}.`;
    case 'warnings':
      return `Backed up ${lastBackupText(facts)}; ${countOf(facts.warnings.length, 'warning')}: ${facts.warnings[0] ?? ''}`;
    case 'waiting':
      return waitingSentence(facts);
    case 'protected':
      return `Protected. Backed up ${lastBackupText(facts)}, proven ${momentText(oldestProofMs(facts), facts.nowMs)}.`;
    default:
      return assertNever(state);
  }
}

/** 0 protected, 3 attention, 1 worse. While a backup runs it is what it was without. */
function exitCodeOf(state: StateName, facts: StatusFacts): Judgement['exitCode'] {
  if (state === 'protected') return 0;
  if (state === 'running') return judge({ ...facts, running: undefined }).exitCode;
  return stateNames.indexOf(state) >= stateNames.indexOf('attention') ? 3 : 1;
}

function runningText(doing: string, { running }: StatusFacts): string {
  if (running?.phase === undefined) return `${doing}.`;
  return `${doing} (${running.phase}${running.percent === undefined ? '' : `, ${running.percent} %`}).`;
}

function failedSentence(facts: StatusFacts): string {
  const worst = oldest(lateSources(facts).filter((source) => isFailing(source, facts)));
  const age = worst?.lastGoodMs === undefined ? 'yet' : `for ${ageText(facts.nowMs - worst.lastGoodMs)}`;
  const cause = facts.lastFailure?.cause ?? facts.vaultProblem ?? 'its last run failed';
  return `No good backup of ${worst?.source ?? 'this install'} ${age}: ${withoutStop(cause)}.`;
}

function staleSentence(facts: StatusFacts): string {
  const late = lateSources(facts);
  const worst = oldest(late);
  const what = late.length === facts.sources.length ? 'backup' : `backup of ${worst?.source ?? ''}`;
  const age = ageText(facts.nowMs - (worst?.lastGoodMs ?? 0));
  return `The last ${what} is ${age} old; you asked for every ${countOf(facts.objectives.backupHours, 'hour')}.`;
}

function attentionSentence(facts: StatusFacts): string {
  const { atMs, cause } = facts.lastFailure ?? { atMs: facts.nowMs, cause: '' };
  const last = hasBackup(facts)
    ? `Last good backup ${lastBackupText(facts)}.`
    : 'There is no good backup yet.';
  return `The last backup (${momentText(atMs, facts.nowMs)}) failed: ${withoutStop(cause)}. ${last}`;
}

function uncoveredSentence(facts: StatusFacts): string {
  const missing = uncovered(facts).map(({ source }) => source);
  const are = missing.length === 1 ? 'source is' : 'sources are';
  return `${missing.length} ${are} not backed up: ${listText(missing)}.`;
}

function waitingSentence(facts: StatusFacts): string {
  const { vault, vaultPlace, vaultProblem } = facts;
  const last = hasBackup(facts) ? `; last backup ${lastBackupText(facts)}` : '';
  const sentence = `Waiting for ${vaultPlace}${last}.`;
  return vault === 'absent' || vaultProblem === undefined ? sentence : `${sentence} ${vaultProblem}`;
}

function unprovenText(facts: StatusFacts): string {
  const sources = unproven(facts);
  const never = sources.filter(({ provenMs }) => provenMs === undefined);
  const named = listText((never.length > 0 ? never : sources).map(({ source }) => source));
  if (never.length > 0) return `${named} not proven to restore yet`;
  return `${named} not proven to restore for ${ageText(facts.nowMs - oldestProofMs({ ...facts, sources }))}`;
}

function isFailing(source: SourceFacts, facts: StatusFacts): boolean {
  return source.lastRunFailed || facts.vault !== 'open';
}

/** Sources that have a good backup, older than was asked for. Those without any are uncovered. */
function lateSources({ sources, nowMs, objectives }: StatusFacts): readonly SourceFacts[] {
  return sources.filter(
    ({ lastGoodMs }) => lastGoodMs !== undefined && nowMs - lastGoodMs > objectives.backupHours * hourMs,
  );
}

function uncovered({ sources }: StatusFacts): readonly SourceFacts[] {
  return sources.filter(({ lastGoodMs }) => lastGoodMs === undefined);
}

function unproven({ sources, nowMs, objectives }: StatusFacts): readonly SourceFacts[] {
  return sources.filter(
    ({ provenMs }) => provenMs === undefined || nowMs - provenMs > objectives.proofDays * dayMs,
  );
}

function hasBackup({ sources }: StatusFacts): boolean {
  return sources.some(({ lastGoodMs }) => lastGoodMs !== undefined);
}

/** The age of the oldest source: a backup of the database alone makes no agent young. */
function lastBackupText(facts: StatusFacts): string {
  return momentText(oldest(facts.sources)?.lastGoodMs ?? facts.nowMs, facts.nowMs);
}

function oldest(sources: readonly SourceFacts[]): SourceFacts | undefined {
  return sources
    .filter(({ lastGoodMs }) => lastGoodMs !== undefined)
    .toSorted((left, right) => (left.lastGoodMs ?? 0) - (right.lastGoodMs ?? 0))[0];
}

function oldestProofMs({ sources, nowMs }: StatusFacts): number {
  return Math.min(nowMs, ...sources.map(({ provenMs }) => provenMs ?? 0));
}

function listText(names: readonly string[]): string {
  const [first = '', second] = names;
  if (second === undefined) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} more`;
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/u, '');
}
