import { describe, expect, it } from 'vitest';
import { judge, type SourceFacts, type StatusFacts } from '../../../../main/app/status/judge.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 22, 16);

function source(name: string, facts: Partial<SourceFacts> = {}): SourceFacts {
  return {
    source: name,
    lastGoodMs: nowMs - hourMs,
    provenMs: nowMs - 2 * dayMs,
    lastRunFailed: false,
    ...facts,
  };
}

function facts(changes: Partial<StatusFacts> = {}): StatusFacts {
  return {
    nowMs,
    isSetUp: true,
    vault: 'open',
    vaultPlace: '/mnt',
    vaultProblem: undefined,
    running: undefined,
    unrecovered: undefined,
    damage: undefined,
    sources: [source('persistence'), source('memory/agent-one-workspace')],
    lastFailure: undefined,
    warnings: [],
    objectives: { backupHours: 24, proofDays: 14 },
    ...changes,
  };
}

const failure = { atMs: nowMs - hourMs, cause: 'The disk is full.' };
const away = { vault: 'absent', vaultProblem: 'the vault is not at /mnt now' } as const;

describe('judge', () => {
  it('is protected with exit 0, when every source is young and proven', () => {
    expect(judge(facts())).toMatchObject({ state: 'protected', exitCode: 0 });
    expect(judge(facts()).sentence).toMatch(/^Protected\. Backed up 1 hour ago, proven .+\.$/);
  });

  it.each([
    ['set up', { isSetUp: false }, 'Not set up yet.', 1],
    [
      'locked',
      { vault: 'locked' as const, vaultProblem: 'No key fits.' },
      'The vault is locked on this computer: No key fits.',
      1,
    ],
    ['restoring', { running: { what: 'restore' as const } }, 'Restoring.', 1],
    [
      'running',
      { running: { what: 'backup' as const, phase: 'files', percent: 62 } },
      'Backing up (files, 62 %).',
      0,
    ],
    ['damaged', { damage: 'The vault is damaged.' }, 'The vault is damaged.', 1],
    [
      'attention',
      { lastFailure: failure },
      'The last backup (1 hour ago) failed: The disk is full. Last good backup 1 hour ago.',
      3,
    ],
    ['first backup', { sources: [] }, 'Ready for the first backup.', 3],
    [
      'warnings',
      { warnings: ['x could not be read.'] },
      'Backed up 1 hour ago; 1 warning: x could not be read.',
      3,
    ],
    ['waiting', away, 'Waiting for /mnt; last backup 1 hour ago.', 3],
    ['waiting', { ...away, sources: [] }, 'Waiting for /mnt.', 3],
    [
      'waiting',
      { vault: 'unusable' as const, vaultProblem: 'Another vault lies there.' },
      'Waiting for /mnt; last backup 1 hour ago. Another vault lies there.',
      3,
    ],
  ])('is %s', (state, changes, sentence, exitCode) => {
    expect(judge(facts(changes))).toEqual({ state, sentence, exitCode });
  });

  it('is stale by its oldest source: a backup of the database alone makes no agent young', () => {
    const old = source('memory/agent-one-workspace', { lastGoodMs: nowMs - 26 * hourMs });
    expect(judge(facts({ sources: [source('persistence'), old] }))).toEqual({
      state: 'stale',
      sentence:
        'The last backup of memory/agent-one-workspace is 26 hours old; you asked for every 24 hours.',
      exitCode: 1,
    });
  });

  it('is failed, not stale, when the late source failed in the last run or the vault is away', () => {
    const old = source('persistence', { lastGoodMs: nowMs - 26 * hourMs, lastRunFailed: true });
    expect(judge(facts({ sources: [old], lastFailure: failure }))).toEqual({
      state: 'failed',
      sentence: 'No good backup of persistence for 26 hours: The disk is full.',
      exitCode: 1,
    });
    const late = [source('this install', { lastGoodMs: nowMs - 26 * hourMs })];
    expect(judge(facts({ ...away, sources: late }))).toEqual({
      state: 'failed',
      sentence: 'No good backup of this install for 26 hours: the vault is not at /mnt now.',
      exitCode: 1,
    });
  });

  it('names a source that is in no backup', () => {
    const sources = [
      source('persistence'),
      source('memory/new', { lastGoodMs: undefined, provenMs: undefined }),
    ];
    expect(judge(facts({ sources }))).toEqual({
      state: 'uncovered',
      sentence: '1 source is not backed up: memory/new.',
      exitCode: 3,
    });
  });

  it('claims no more than was proven: one source without proof is enough', () => {
    const partly = [source('persistence'), source('memory/one', { provenMs: undefined })];
    expect(judge(facts({ sources: partly }))).toEqual({
      state: 'unproven',
      sentence: 'Backed up 1 hour ago; memory/one not proven to restore yet.',
      exitCode: 3,
    });
    const long = [source('persistence'), source('memory/one', { provenMs: nowMs - 20 * dayMs })];
    expect(judge(facts({ sources: long })).sentence).toBe(
      'Backed up 1 hour ago; memory/one not proven to restore for 20 days.',
    );
  });

  it('keeps the exit code of the state beneath, while a backup runs', () => {
    const running = { what: 'backup' } as const;
    expect(judge(facts({ running, damage: 'Damaged.' })).exitCode).toBe(1);
    expect(judge(facts({ running, sources: [] })).exitCode).toBe(3);
  });
});
