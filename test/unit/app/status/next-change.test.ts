import { describe, expect, it } from 'vitest';
import { judge } from '../../../../main/app/status/judge.ts';
import { nextChangeMs } from '../../../../main/app/status/next-change.ts';
import { dayMs, hourMs, nowMs, statusFacts, statusSource } from '../../../fakes/status-facts.ts';

describe('nextChangeMs', () => {
  const copy = { name: 'nas', place: '/mnt/nas', required: true, problem: undefined };

  it.each([
    ['stale', { sources: [statusSource('the database', { lastGoodMs: nowMs - 23 * hourMs })] }, hourMs],
    [
      'unproven',
      { sources: [statusSource('the database', { lastGoodMs: nowMs, provenMs: nowMs - 13.5 * dayMs })] },
      dayMs / 2,
    ],
    ['copy behind', { copies: [{ ...copy, behindSinceMs: nowMs - 40 * hourMs }] }, 8 * hourMs],
    ['protected', { pause: { untilMs: nowMs + hourMs } }, hourMs],
  ])('is when the state becomes %s by time alone, and not a moment before', (state, changes, inMs) => {
    const now = statusFacts(changes);
    const next = nextChangeMs(now) ?? NaN;
    expect(next).toBe(nowMs + inMs + 1);
    expect(judge({ ...now, nowMs: next }).state).toBe(state);
    expect(judge({ ...now, nowMs: next - 2 }).state).not.toBe(state);
  });

  it('is never, when nothing can become too old', () => {
    expect(nextChangeMs(statusFacts({ sources: [] }))).toBeUndefined();
  });
});
