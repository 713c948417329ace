import { describe, expect, it } from 'vitest';
import { runningFacts } from '../../../../main/app/status/running-facts.ts';
import { judge } from '../../../../main/app/status/judge.ts';
import { statusFacts } from '../../../fakes/status-facts.ts';

const progress = { phase: 'memory', done: 620, total: 1000, unit: 'bytes', detail: '' } as const;
const backup = { what: 'backup', startedAtMs: 0 } as const;
const phase = { sinceMs: 10_000, done: 0 };

describe('runningFacts', () => {
  it('tells how far the phase is and how long it will still take, by its speed so far', () => {
    const running = runningFacts({ ...backup, progress, phase }, 108_000);
    expect(running).toMatchObject({ what: 'backup', phase: 'memory', percent: 62 });
    expect(Math.round(running?.leftMs ?? 0)).toBe(60_065);
    expect(judge(statusFacts({ running })).sentence).toBe('Backing up: memory 62 %, 1 min left.');
  });

  it('tells what is restored, and in which step', () => {
    const step = { number: 3, of: 5, name: 'back up what is live' };
    const restore = { what: 'restore', subject: 'research', startedAtMs: 0 } as const;
    const running = runningFacts({ ...restore, progress: { ...progress, step }, phase }, 108_000);
    expect(running).toMatchObject({ percent: 62, step: { number: 3, of: 5 } });
    expect(judge(statusFacts({ running })).sentence).toBe('Restoring research: step 3 of 5.');
    const begun = runningFacts({ ...restore, progress: { ...progress, done: 0, total: undefined, step } }, 1);
    expect(judge(statusFacts({ running: begun })).sentence).toBe('Restoring research: step 3 of 5.');
  });

  it.each([
    ['nothing runs', undefined, undefined],
    ['the vault is changed, which nobody waits for', { ...backup, what: 'change' as const }, undefined],
    ['nothing is known yet', backup, { what: 'backup' }],
    [
      'nobody knows how much there is',
      { ...backup, progress: { ...progress, total: undefined }, phase },
      { what: 'backup', phase: 'memory' },
    ],
    [
      'the phase has just begun',
      { ...backup, progress, phase: { sinceMs: 107_000, done: 0 } },
      { what: 'backup', phase: 'memory', percent: 62 },
    ],
    [
      'nothing was done in the phase',
      { ...backup, progress, phase: { ...phase, done: 620 } },
      { what: 'backup', phase: 'memory', percent: 62 },
    ],
  ])('claims no more than is known, when %s', (_when, writing, expected) => {
    expect(runningFacts(writing, 108_000)).toEqual(expected);
  });
});
