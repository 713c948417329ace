import { describe, expect, it } from 'vitest';
import type { StatusFacts } from '../../../../main/app/status/facts.ts';
import { judge } from '../../../../main/app/status/judge.ts';
import { clockText } from '../../../../shared/lib/time-text.ts';
import { judgement, stateNames } from '../../../../shared/model/status.ts';
import {
  dayMs,
  hourMs,
  nowMs,
  statusFacts as facts,
  statusSource as source,
} from '../../../fakes/status-facts.ts';

const failure = { atMs: nowMs - 4 * hourMs, cause: 'The disk is full.', kind: 'full' } as const;
const failedAt = clockText(failure.atMs, nowMs);
const until = nowMs + 2 * hourMs;
const away = { vault: 'absent', vaultProblem: 'the vault is not at /mnt/backup now' } as const;
const late = source('the database', { lastGoodMs: nowMs - 26 * hourMs, lastRunFailed: true });
const copy = { name: 'nas', place: '/mnt/nas', required: true, problem: undefined };
const behind = { ...copy, behindSinceMs: nowMs - 3 * dayMs };

type Expected = Readonly<{
  sentence: string;
  short: string;
  action: unknown;
  looks: string;
  exitCode: number;
}>;

const showing = (label: string, page: string, more = {}) => ({
  label,
  operation: 'show',
  input: { page, ...more },
});
const backUp = { label: 'Back up now', operation: 'backup', input: {} };

/** UI.md 3, row by row and in its order; each row also has what makes every later row fit. */
const table: readonly [(typeof stateNames)[number], Partial<StatusFacts>, Expected][] = [
  [
    'set up',
    { isSetUp: false },
    {
      sentence: 'Not set up yet.',
      short: 'Not set up',
      action: showing('Set up', 'setup'),
      looks: 'clock info',
      exitCode: 1,
    },
  ],
  [
    'locked',
    { vault: 'locked', vaultProblem: 'No key fits.' },
    {
      sentence: 'The vault is locked on this computer: No key fits.',
      short: 'Locked',
      action: showing('Unlock', 'unlock'),
      looks: 'lock bad',
      exitCode: 1,
    },
  ],
  [
    'restoring',
    { running: { what: 'restore', subject: 'agent one', step: { number: 3, of: 5 } } },
    {
      sentence: 'Restoring agent one: step 3 of 5.',
      short: 'Restoring',
      action: showing('Show', 'progress'),
      looks: 'ring info',
      exitCode: 1,
    },
  ],
  [
    'recovering',
    { isRecovering: true },
    {
      sentence: 'Finishing an interrupted restore.',
      short: 'Recovering',
      action: showing('Show', 'progress'),
      looks: 'ring bad',
      exitCode: 1,
    },
  ],
  [
    'running',
    { running: { what: 'backup', percent: 62, leftMs: 60_000 } },
    {
      sentence: 'Backing up: 62 %, 1 min left.',
      short: 'Backing up, 62 %',
      action: { label: 'Cancel', operation: 'cancel', input: {} },
      looks: 'ring info',
      exitCode: 1,
    },
  ],
  [
    'damaged',
    { damage: '2 backups are damaged: the database.' },
    {
      sentence: '2 backups are damaged: the database.',
      short: 'Damaged',
      action: showing('Show', 'storage'),
      looks: 'cross bad',
      exitCode: 1,
    },
  ],
  [
    'stopped',
    { schedule: 'stopped' },
    {
      sentence: 'Backups are not running.',
      short: 'Not running',
      action: showing('Start', 'settings'),
      looks: 'cross bad',
      exitCode: 1,
    },
  ],
  [
    'failed',
    { sources: [late], lastFailure: failure },
    {
      sentence: 'No good backup of the database for 26 hours: The disk is full.',
      short: 'No backup for 26 hours',
      action: showing('Free space', 'storage'),
      looks: 'cross bad',
      exitCode: 1,
    },
  ],
  [
    'stale',
    // What is late while the engine is away has failed.
    { sources: [{ ...late, lastRunFailed: false }], installProblem: undefined },
    {
      sentence: 'The last backup is 26 hours old; you asked for every 24 hours.',
      short: '26 hours old',
      action: backUp,
      looks: 'cross bad',
      exitCode: 1,
    },
  ],
  [
    'attention',
    { lastFailure: { ...failure, kind: 'other' } },
    {
      sentence: `The ${failedAt} backup failed: The disk is full. Last good backup 1 hour ago.`,
      short: 'Last run failed',
      action: { ...backUp, label: 'Retry' },
      looks: 'triangle attention',
      exitCode: 3,
    },
  ],
  [
    'uncovered',
    { sources: [source('the database'), source('agent new', { lastGoodMs: undefined })] },
    {
      sentence: '1 agent is not backed up: new.',
      short: '1 not backed up',
      action: { ...backUp, label: 'Include it' },
      looks: 'triangle attention',
      exitCode: 3,
    },
  ],
  [
    'copy behind',
    { copies: [behind] },
    {
      sentence: 'The copy at /mnt/nas is 3 days behind.',
      short: 'Copy 3 days behind',
      action: { label: 'Copy now', operation: 'copiesRun', input: { name: 'nas' } },
      looks: 'triangle attention',
      exitCode: 3,
    },
  ],
  [
    'first backup',
    { sources: [] },
    {
      sentence: 'Ready for the first backup.',
      short: 'Ready',
      action: backUp,
      looks: 'clock info',
      exitCode: 3,
    },
  ],
  [
    'unproven',
    { sources: [source('the database'), source('agent one', { provenMs: nowMs - 20 * dayMs })] },
    {
      sentence: 'Backed up 1 hour ago; agent one not proven to restore for 20 days.',
      short: 'Not proven',
      action: { label: 'Run a rehearsal', operation: 'drill', input: {} },
      looks: 'triangle attention',
      exitCode: 3,
    },
  ],
  [
    'warnings',
    { warnings: ['3 files could not be read.'], newestBackupId: '0123456789ab' },
    {
      sentence: 'Backed up 1 hour ago; 1 warning: 3 files could not be read.',
      short: '1 warning',
      action: showing('Show', 'backup', { backupId: '0123456789ab' }),
      looks: 'triangle attention',
      exitCode: 3,
    },
  ],
  [
    'paused',
    { pause: { untilMs: until } },
    {
      sentence: `Paused until ${clockText(until, nowMs)}; last backup 1 hour ago.`,
      short: `Paused until ${clockText(until, nowMs)}`,
      action: { label: 'Resume', operation: 'resume', input: {} },
      looks: 'pause info',
      exitCode: 3,
    },
  ],
  [
    'waiting',
    { installProblem: { place: 'Docker', sentence: 'The engine does not answer.' } },
    {
      sentence: 'Waiting for Docker; last backup 1 hour ago.',
      short: 'Waiting',
      action: null,
      looks: 'clock info',
      exitCode: 3,
    },
  ],
  [
    'protected',
    {},
    {
      sentence: `Protected. Backed up 1 hour ago, proven ${clockText(nowMs - 2 * dayMs, nowMs)}.`,
      short: 'Protected',
      action: backUp,
      looks: 'check good',
      exitCode: 0,
    },
  ],
];

describe('judge', () => {
  it('has a row for every state, in the order of UI.md', () => {
    expect(table.map(([state]) => state)).toEqual(stateNames);
  });

  it.each(table)('is %s: its sentence, action, shape and exit code', (state, changes, expected) => {
    const { looks, exitCode, ...words } = expected;
    const judged = judge(facts(changes));
    const seen = `${judged.shape} ${judged.severity}`;
    // While a backup runs, the exit code is that of the state beneath.
    expect({ ...judged, looks: seen }).toMatchObject({ state, looks, ...words });
    expect(judged.exitCode).toBe(state === 'running' ? 0 : exitCode);
    expect(judgement.parse(judged)).toEqual(judged);
  });

  it('says no more of a lock than that it is there, when there is just no key', () => {
    const locked = { vault: 'locked', vaultProblem: undefined } as const;
    expect(judge(facts(locked)).sentence).toBe('The vault is locked on this computer.');
  });

  it('says the worst, when the facts of a state and of all after it hold at once', () => {
    // Sources decide several rows: each stage keeps what the rows before it need.
    const stages = table.slice(0, -1).map(([state, changes], index) => {
      const others = table.slice(index + 1).reduceRight((all, [, later]) => ({ ...all, ...later }), {});
      return { state, seen: judge(facts({ ...others, ...changes })).state };
    });
    expect(stages.map(({ seen }) => seen)).toEqual(stages.map(({ state }) => state));
  });

  it('is stale by its oldest source: a backup of the database alone makes no agent young', () => {
    const old = source('agent one', { lastGoodMs: nowMs - 26 * hourMs });
    expect(judge(facts({ sources: [source('the database'), old] }))).toMatchObject({
      state: 'stale',
      sentence: 'The last backup of agent one is 26 hours old; you asked for every 24 hours.',
    });
  });

  it.each([
    ['the vault is away', away, 'the vault is not at /mnt/backup now'],
    [
      'the engine is away',
      { installProblem: { place: 'Docker', sentence: 'The engine does not answer.' } },
      'The engine does not answer',
    ],
  ])('is failed, not stale, when a source is late and %s', (_what, changes, cause) => {
    const sources = [source('this install', { lastGoodMs: nowMs - 26 * hourMs })];
    expect(judge(facts({ ...changes, sources }))).toMatchObject({
      state: 'failed',
      sentence: `No good backup of this install for 26 hours: ${cause}.`,
    });
  });

  it.each([
    [away, 'Waiting for /mnt/backup; last backup 1 hour ago.'],
    [{ ...away, sources: [] }, 'Waiting for /mnt/backup.'],
    [
      { vault: 'unusable' as const, vaultProblem: 'Another vault lies there.' },
      'Waiting for /mnt/backup; last backup 1 hour ago. Another vault lies there.',
    ],
  ])('waits for a vault that is not there: %j', (changes, sentence) => {
    expect(judge(facts(changes))).toMatchObject({ state: 'waiting', sentence, exitCode: 3 });
  });

  it('claims no more than was proven: one source without proof is enough', () => {
    const partly = [source('the database'), source('agent one', { provenMs: undefined })];
    expect(judge(facts({ sources: partly }))).toMatchObject({
      state: 'unproven',
      sentence: 'Backed up 1 hour ago; agent one not proven to restore yet.',
    });
  });

  it('speaks of no missing proof before there is a backup to prove', () => {
    const missing = { lastGoodMs: undefined, provenMs: undefined };
    const { state, causes } = judge(facts({ sources: [source('the database', missing)] }));
    expect([state, causes.map(({ key }) => key)]).toEqual(['first backup', []]);
  });

  it('counts what is in no backup, and names agents as agents', () => {
    const missing = { lastGoodMs: undefined, provenMs: undefined };
    const sources = [source('the database'), source('agent one', missing), source('volume old', missing)];
    expect(judge(facts({ sources })).sentence).toBe('2 sources are not backed up: agent one and volume old.');
  });

  it('keeps the exit code of the state beneath, while a backup runs', () => {
    const running = { what: 'backup' } as const;
    expect(judge(facts({ running, damage: 'Damaged.' })).exitCode).toBe(1);
    expect(judge(facts({ running, sources: [] })).exitCode).toBe(3);
  });

  it('says why, when an interrupted run could not be put in order', () => {
    expect(judge(facts({ unrecovered: 'The volume is gone.' }))).toMatchObject({
      state: 'recovering',
      sentence: 'An interrupted run is not put in order yet: The volume is gone.',
      action: { operation: 'recover' },
    });
  });

  it('is paused without an end until it is resumed, and not any more when the pause is over', () => {
    expect(judge(facts({ pause: { untilMs: undefined } })).sentence).toBe(
      'Paused until you resume; last backup 1 hour ago.',
    );
    expect(judge(facts({ pause: { untilMs: nowMs } })).state).toBe('protected');
  });

  it('judges nothing that only a missing module does, and says that nothing is proven', () => {
    const sources = [source('the database', { provenMs: undefined })];
    const changes = { isEntitled: false, schedule: 'stopped', copies: [behind], sources } as const;
    expect(judge(facts({ ...changes, pause: { untilMs: undefined } }))).toMatchObject({
      state: 'protected',
      sentence: 'Protected. Backed up 1 hour ago; rehearsals are not part of this edition.',
      causes: [],
    });
  });

  it('lets a copy be late that is not required, or not older than was asked for', () => {
    const copies = [
      { ...behind, required: false },
      { ...behind, behindSinceMs: nowMs - 40 * hourMs },
    ];
    expect(judge(facts({ copies })).state).toBe('protected');
  });
});
