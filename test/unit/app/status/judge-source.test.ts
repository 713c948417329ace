import { describe, expect, it } from 'vitest';
import { judgeSources } from '../../../../main/app/status/judge-source.ts';
import { statusSource as sourceModel } from '../../../../shared/model/status.ts';
import { hourMs, nowMs, statusFacts as facts, statusSource as source } from '../../../fakes/status-facts.ts';

const late = source('the database', { lastGoodMs: nowMs - 26 * hourMs, lastRunFailed: true });

describe('judgeSources', () => {
  it('tells each source apart', () => {
    const sources = [
      late,
      { ...late, lastRunFailed: false },
      source('agent new', { lastGoodMs: undefined, provenMs: undefined }),
      source('agent one', { provenMs: undefined }),
      source('the files'),
    ];
    const judged = judgeSources(facts({ sources }));
    expect(judged.map(({ state }) => state)).toEqual([
      'failed',
      'stale',
      'uncovered',
      'unproven',
      'protected',
    ]);
    for (const row of judged) expect(sourceModel.parse(row)).toEqual(row);
  });
});
