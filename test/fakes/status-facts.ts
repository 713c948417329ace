import { type SourceFacts, type StatusFacts, unknownFacts } from '../../main/app/status/facts.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Sunday, 16:00 in UTC. */
export const nowMs = Date.UTC(2026, 10, 22, 16);

/** A source that was backed up an hour ago and proven two days ago. */
export function statusSource(name: string, facts: Partial<SourceFacts> = {}): SourceFacts {
  return {
    source: name,
    name,
    lastGoodMs: nowMs - hourMs,
    provenMs: nowMs - 2 * dayMs,
    lastRunFailed: false,
    ...facts,
  };
}

/** Facts of an install that is protected, with these changes. */
export function statusFacts(changes: Partial<StatusFacts> = {}): StatusFacts {
  return {
    ...unknownFacts,
    nowMs,
    isSetUp: true,
    vault: 'open',
    vaultPlace: '/mnt/backup',
    vaultProblem: undefined,
    running: undefined,
    unrecovered: undefined,
    damage: undefined,
    sources: [statusSource('the database'), statusSource('agent one')],
    lastFailure: undefined,
    warnings: [],
    objectives: { backupHours: 24, proofDays: 14, copyHours: 48 },
    ...changes,
  };
}
