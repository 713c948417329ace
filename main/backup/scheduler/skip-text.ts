import { countOf } from '../../../shared/lib/size-text.ts';

/** Why a run that was due did not come, for code to branch on. */
export type SkipReason = 'missed' | 'paused' | 'waiting' | 'busy' | 'database' | 'recent';

export function missedText(runs: number): string {
  const was = runs === 1 ? 'was' : 'were';
  return `${countOf(runs, 'run')} ${was} missed while this machine slept or nothing ran here: one backup makes up for that.`;
}

export const pausedText = 'Backups were paused.';
export const busyText = 'A backup, a restore or a change of the vault was going on.';
export const databaseText = 'Trinity works on its database from 04:15 to 04:45 UTC.';
export const recentText = 'The last good backup was less than an hour old.';
