import { describe, expect, it } from 'vitest';
import { nextUpkeep, type UpkeepFacts } from '../../../../main/app/upkeep/due-upkeep.ts';

const dayMs = 24 * 3_600_000;
const now = 100 * dayMs;
const facts: UpkeepFacts = {
  nowMs: now,
  lastSampleMs: now - dayMs / 2,
  lastDrill: { atMs: now - 2 * dayMs, isDone: true },
  proofsDueMs: now + 11 * dayMs,
  proofMarginMs: dayMs,
  everyDays: 7,
};

function next(change: Partial<UpkeepFacts>): readonly [string, number] {
  const { task, atMs } = nextUpkeep({ ...facts, ...change });
  return [task, (atMs - now) / dayMs];
}

describe('nextUpkeep', () => {
  it('reads a sample every day and rehearses every week', () => {
    expect(next({})).toEqual(['sample', 0.5]);
    expect(next({ lastSampleMs: now + 20 * dayMs })).toEqual(['sample', 1]);
    expect(next({ lastDrill: { atMs: now - 6.9 * dayMs, isDone: true } })).toEqual(['drill', 0.1 * 1]);
  });

  it('begins with a rehearsal, and is due at once where nothing was done yet', () => {
    expect(next({ lastDrill: undefined, lastSampleMs: undefined })).toEqual(['drill', 0]);
    expect(next({ lastSampleMs: undefined })).toEqual(['sample', 0]);
  });

  it('rehearses before a proof is too old, once a day at most', () => {
    const lastSampleMs = now;
    expect(next({ lastSampleMs, proofsDueMs: now + dayMs / 4 })).toEqual(['drill', 0.25]);
    expect(next({ lastSampleMs, proofsDueMs: -Infinity })).toEqual(['drill', -1]);
    const lastDrill = { atMs: now - dayMs / 2, isDone: true } as const;
    expect(next({ lastSampleMs, proofsDueMs: -Infinity, lastDrill })).toEqual(['drill', 0.5]);
  });

  it('tries again the next day what was skipped', () => {
    const lastDrill = { atMs: now - dayMs / 2, isDone: false } as const;
    expect(next({ lastSampleMs: now, lastDrill })).toEqual(['drill', 0.5]);
  });

  it('takes times that lie in the future, after the clock was set back, for now', () => {
    const lastDrill = { atMs: now + 400 * dayMs, isDone: true } as const;
    expect(next({ lastSampleMs: now + 400 * dayMs, lastDrill, proofsDueMs: Infinity })).toEqual([
      'sample',
      1,
    ]);
    expect(next({ lastSampleMs: now + 400 * dayMs, lastDrill, proofsDueMs: -Infinity })).toEqual([
      'drill',
      1,
    ]);
  });

  it('rehearses nothing where that is switched off or not entitled', () => {
    expect(next({ everyDays: undefined, lastDrill: undefined, proofsDueMs: -Infinity })).toEqual([
      'sample',
      0.5,
    ]);
  });
});
