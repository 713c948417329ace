import { dayMs, momentText } from '../../../shared/lib/time-text.ts';
import type { SourceFacts, StatusFacts } from './facts.ts';

export const hourMs = dayMs / 24;

type Aged = Pick<StatusFacts, 'nowMs' | 'sources' | 'objectives'>;

/** Sources that have a good backup, older than was asked for. Those without any are uncovered. */
export function lateSources({ sources, nowMs, objectives }: Aged): readonly SourceFacts[] {
  return sources.filter(
    ({ lastGoodMs }) => lastGoodMs !== undefined && nowMs - lastGoodMs > objectives.backupHours * hourMs,
  );
}

/** Late sources that the last run could not copy, or that no run can copy now. */
export function failingSources(facts: StatusFacts): readonly SourceFacts[] {
  const isHindered = facts.vault !== 'open' || facts.installProblem !== undefined;
  return lateSources(facts).filter(({ lastRunFailed }) => lastRunFailed || isHindered);
}

export function uncoveredSources({ sources }: StatusFacts): readonly SourceFacts[] {
  return sources.filter(({ lastGoodMs }) => lastGoodMs === undefined);
}

export function unprovenSources({ sources, nowMs, objectives }: Aged): readonly SourceFacts[] {
  return sources.filter(
    ({ provenMs }) => provenMs === undefined || nowMs - provenMs > objectives.proofDays * dayMs,
  );
}

export function hasBackup({ sources }: Pick<StatusFacts, 'sources'>): boolean {
  return sources.some(({ lastGoodMs }) => lastGoodMs !== undefined);
}

export function oldest(sources: readonly SourceFacts[]): SourceFacts | undefined {
  return sources
    .filter(({ lastGoodMs }) => lastGoodMs !== undefined)
    .toSorted((left, right) => (left.lastGoodMs ?? 0) - (right.lastGoodMs ?? 0))[0];
}

/** The age of the oldest source: a backup of the database alone makes no agent young. */
export function lastBackupText({ sources, nowMs }: StatusFacts): string {
  return momentText(oldest(sources)?.lastGoodMs ?? nowMs, nowMs);
}

export function oldestProofMs({ sources, nowMs }: Pick<StatusFacts, 'sources' | 'nowMs'>): number {
  return Math.min(nowMs, ...sources.map(({ provenMs }) => provenMs ?? 0));
}

/** The required copies that lack a backup for longer than was asked for, the longest first. */
export function copiesBehind({ copies, nowMs, objectives }: StatusFacts): StatusFacts['copies'] {
  return copies
    .filter(
      ({ required, behindSinceMs }) =>
        required && behindSinceMs !== undefined && nowMs - behindSinceMs > objectives.copyHours * hourMs,
    )
    .toSorted((left, right) => (left.behindSinceMs ?? 0) - (right.behindSinceMs ?? 0));
}
