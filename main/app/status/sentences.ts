import { countOf } from '../../../shared/lib/size-text.ts';
import { ageText, clockText, momentText } from '../../../shared/lib/time-text.ts';
import type { StatusFacts } from './facts.ts';
import { withoutStop } from './running-text.ts';
import {
  copiesBehind,
  failingSources,
  hasBackup,
  lastBackupText,
  lateSources,
  oldest,
  oldestProofMs,
  uncoveredSources,
  unprovenSources,
} from './source-ages.ts';

/** The age of the oldest late source, in words: `26 hours`. */
export function lateAge(facts: StatusFacts): string {
  return ageText(facts.nowMs - (oldest(lateSources(facts))?.lastGoodMs ?? facts.nowMs));
}

/** `No backup for 26 hours`; names the source where only some are late. */
export function lateTitle(facts: StatusFacts): string {
  const late = lateSources(facts);
  const of = late.length === facts.sources.length ? '' : ` of ${oldest(late)?.name ?? ''}`;
  return `No backup${of} for ${lateAge(facts)}`;
}

/** Why sources that are late could not be copied. */
export function failureCause(facts: StatusFacts): string {
  const { vault, lastFailure, vaultProblem, installProblem } = facts;
  const hindrance = vault === 'open' ? undefined : vaultProblem;
  const cause = hindrance ?? lastFailure?.cause ?? installProblem?.sentence ?? 'its last run failed';
  return withoutStop(cause);
}

export function failedText(facts: StatusFacts): string {
  const worst = oldest(failingSources(facts));
  const age = ageText(facts.nowMs - (worst?.lastGoodMs ?? facts.nowMs));
  return `No good backup of ${worst?.name ?? 'this install'} for ${age}: ${failureCause(facts)}.`;
}

export function staleText(facts: StatusFacts): string {
  const late = lateSources(facts);
  const worst = oldest(late);
  const what = late.length === facts.sources.length ? 'backup' : `backup of ${worst?.name ?? ''}`;
  return `The last ${what} is ${lateAge(facts)} old; you asked for every ${countOf(facts.objectives.backupHours, 'hour')}.`;
}

export function attentionText(facts: StatusFacts): string {
  const { atMs, cause } = facts.lastFailure ?? { atMs: facts.nowMs, cause: '' };
  return `The ${clockText(atMs, facts.nowMs)} backup failed: ${withoutStop(cause)}. ${lastGoodText(facts)}`;
}

export function lastGoodText(facts: StatusFacts): string {
  return hasBackup(facts) ? `Last good backup ${lastBackupText(facts)}.` : 'There is no good backup yet.';
}

/** `1 agent is not backed up: research.`; of other sources it names the kind too. */
export function uncoveredText(facts: StatusFacts): string {
  const missing = uncoveredSources(facts).map(({ name }) => name);
  if (!missing.every((name) => name.startsWith(agentStart))) {
    return `${countOf(missing.length, 'source')} ${isOrAre(missing)} not backed up: ${listText(missing)}.`;
  }
  const agents = missing.map((name) => name.slice(agentStart.length));
  return `${countOf(agents.length, 'agent')} ${isOrAre(agents)} not backed up: ${listText(agents)}.`;
}

const agentStart = 'agent ';

function isOrAre(names: readonly string[]): string {
  return names.length === 1 ? 'is' : 'are';
}

export function copyBehindText(facts: StatusFacts): string {
  const behind = copiesBehind(facts);
  const [worst] = behind;
  const age = ageText(facts.nowMs - (worst?.behindSinceMs ?? facts.nowMs));
  const more =
    behind.length > 1 ? `, and ${countOf(behind.length - 1, 'other copy', 'other copies')} too` : '';
  return `The copy at ${worst?.place ?? ''} is ${age} behind${more}.`;
}

export function unprovenText(facts: StatusFacts): string {
  return `Backed up ${lastBackupText(facts)}; ${unprovenPart(facts)}.`;
}

/** `the database not proven to restore for 20 days` */
export function unprovenPart(facts: StatusFacts): string {
  const sources = unprovenSources(facts);
  const never = sources.filter(({ provenMs }) => provenMs === undefined);
  const named = listText((never.length > 0 ? never : sources).map(({ name }) => name));
  if (never.length > 0) return `${named} not proven to restore yet`;
  return `${named} not proven to restore for ${ageText(facts.nowMs - oldestProofMs({ ...facts, sources }))}`;
}

export function warningsText(facts: StatusFacts): string {
  const { warnings } = facts;
  return `Backed up ${lastBackupText(facts)}; ${countOf(warnings.length, 'warning')}: ${warnings[0] ?? ''}`;
}

export function pausedText(facts: StatusFacts): string {
  const { pause, nowMs } = facts;
  const until =
    pause?.untilMs === undefined
      ? 'Paused until you resume'
      : `Paused until ${clockText(pause.untilMs, nowMs)}`;
  return hasBackup(facts) ? `${until}; last backup ${lastBackupText(facts)}.` : `${until}.`;
}

export function waitingText(facts: StatusFacts): string {
  const { vault, vaultPlace, vaultProblem, installProblem } = facts;
  const last = hasBackup(facts) ? `; last backup ${lastBackupText(facts)}` : '';
  if (vault === 'open') return `Waiting for ${installProblem?.place ?? 'the install'}${last}.`;
  const sentence = `Waiting for ${vaultPlace}${last}.`;
  return vault === 'absent' || vaultProblem === undefined ? sentence : `${sentence} ${vaultProblem}`;
}

export function protectedText(facts: StatusFacts): string {
  const backedUp = `Protected. Backed up ${lastBackupText(facts)}`;
  if (!facts.isEntitled) return `${backedUp}; rehearsals are not part of this edition.`;
  return `${backedUp}, proven ${momentText(oldestProofMs(facts), facts.nowMs)}.`;
}

export function listText(names: readonly string[]): string {
  const [first = '', second] = names;
  if (second === undefined) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} more`;
}
