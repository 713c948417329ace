import { assertNever } from '../../../shared/lib/assert-never.ts';
import { ageText, momentText } from '../../../shared/lib/time-text.ts';
import type { Severity, StatusSource } from '../../../shared/model/status.ts';
import type { SourceFacts, StatusFacts } from './facts.ts';
import { failingSources, lateSources, unprovenSources } from './source-ages.ts';

const severities: Readonly<Record<StatusSource['state'], Severity>> = {
  failed: 'bad',
  stale: 'bad',
  uncovered: 'attention',
  unproven: 'attention',
  protected: 'good',
};

/** How each source stands by itself, in the words of the one sentence. */
export function judgeSources(facts: StatusFacts): readonly StatusSource[] {
  return facts.sources.map((source) => {
    const state = stateOf(source, facts);
    return {
      source: source.source,
      name: source.name,
      state,
      severity: severities[state],
      sentence: sentenceOf(state, source, facts.nowMs),
      lastBackupAt: isoTime(source.lastGoodMs),
      provenAt: isoTime(source.provenMs),
    };
  });
}

function stateOf(source: SourceFacts, facts: StatusFacts): StatusSource['state'] {
  const alone = { ...facts, sources: [source] };
  if (source.lastGoodMs === undefined) return 'uncovered';
  if (failingSources(alone).length > 0) return 'failed';
  if (lateSources(alone).length > 0) return 'stale';
  return facts.isEntitled && unprovenSources(alone).length > 0 ? 'unproven' : 'protected';
}

function sentenceOf(
  state: StatusSource['state'],
  { lastGoodMs = 0, provenMs }: SourceFacts,
  nowMs: number,
): string {
  const backedUp = `Backed up ${momentText(lastGoodMs, nowMs)}`;
  switch (state) {
    case 'uncovered':
      return 'In no backup yet.';
    case 'failed':
      return `No good backup for ${ageText(nowMs - lastGoodMs)}.`;
    case 'stale':
      return `The last backup is ${ageText(nowMs - lastGoodMs)} old.`;
    case 'unproven':
      return provenMs === undefined
        ? `${backedUp}, not proven to restore yet.`
        : `${backedUp}, not proven for ${ageText(nowMs - provenMs)}.`;
    case 'protected':
      return provenMs === undefined ? `${backedUp}.` : `${backedUp}, proven ${momentText(provenMs, nowMs)}.`;
    default:
      return assertNever(state);
  }
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
