import { describe, expect, it } from 'vitest';
import type { StatusFacts } from '../../../../main/app/status/facts.ts';
import { judge } from '../../../../main/app/status/judge.ts';
import { clockText } from '../../../../shared/lib/time-text.ts';
import {
  dayMs,
  hourMs,
  nowMs,
  statusFacts as facts,
  statusSource as source,
} from '../../../fakes/status-facts.ts';

const failure = { atMs: nowMs - 4 * hourMs, cause: 'The disk is full.', kind: 'full' } as const;
const away = { vault: 'absent', vaultProblem: 'the vault is not at /mnt/backup now' } as const;
const late = source('the database', { lastGoodMs: nowMs - 26 * hourMs, lastRunFailed: true });
const copy = { name: 'nas', place: '/mnt/nas', required: true, problem: undefined };
const behind = { ...copy, behindSinceMs: nowMs - 3 * dayMs };
const backUp = { label: 'Back up now', operation: 'backup', input: {} };

describe('causes', () => {
  const keys = (changes: Partial<StatusFacts>): readonly string[] =>
    judge(facts(changes)).causes.map(({ key }) => key);

  it('are all that is wrong, whatever the one sentence says', () => {
    const changes = {
      damage: 'Damaged.',
      copies: [behind],
      warnings: ['x'],
      running: { what: 'backup' as const },
    };
    expect(keys(changes)).toEqual(['damaged', 'copy:nas', 'warnings']);
  });

  it('keep one key for one cause, when the failure of one run becomes no backup for a day', () => {
    expect(keys({ lastFailure: failure })).toEqual(['backup:full']);
    const [cause] = judge(facts({ lastFailure: failure, sources: [late] })).causes;
    expect(cause).toEqual({
      key: 'backup:full',
      severity: 'bad',
      title: 'No backup for 26 hours',
      body: `The disk is full. Last good backup ${clockText(nowMs - 26 * hourMs, nowMs)}.`,
      action: { label: 'Free space', operation: 'show', input: { page: 'storage' } },
    });
  });

  it('are none, while the place is away and the objective is not missed', () => {
    expect(keys(away)).toEqual([]);
    const sources = [{ ...late, lastRunFailed: false }];
    expect(keys({ ...away, sources })).toEqual(['backup:away']);
  });

  it.each([
    ['changed', 'Trinity was upgraded'],
    ['ready', 'Back up before Trinity is upgraded'],
  ] as const)('offer a backup, when Trinity is of another version than its last: %s', (kind, title) => {
    const { state, causes } = judge(facts({ upgrade: { kind, from: '0.9.4', to: '0.9.5' } }));
    expect(state).toBe('protected');
    expect(causes).toMatchObject([{ key: 'upgrade:0.9.5', severity: 'info', title, action: backUp }]);
  });

  it('tell of a disk before it is full, and of a recovery kit that is due', () => {
    const space = { freeBytes: 3e9, neededBytes: 2e9 };
    expect(keys({ space, kitDueSinceMs: nowMs - 1 })).toEqual(['space', 'kit']);
    expect(keys({ space: { ...space, freeBytes: 5e9 }, kitDueSinceMs: nowMs + 1 })).toEqual([]);
  });

  it('offer to turn on what a restore has turned off, for as long as it is due', () => {
    const quietStart = {
      backupId: 'ab12cd34ef56',
      restoredAt: '2026-03-01T12:00:00.000Z',
      isForeign: false,
      schedules: ['echo/morning'],
      waitingRuns: 2,
    };
    const { state, causes } = judge(facts({ quietStart }));
    expect(state).toBe('protected');
    expect(causes).toMatchObject([
      {
        severity: 'info',
        body: 'The restore of backup ab12cd34ef56 has turned off 1 schedule and 2 waiting runs.',
        action: { label: 'Turn on', operation: 'endQuietStart' },
      },
    ]);
    const [foreign] = judge(facts({ quietStart: { ...quietStart, isForeign: true } })).causes;
    expect(foreign?.body).toContain('does not run any more where the backup comes from');
  });

  it('say what a restored install needs yet', () => {
    const [cause] = judge(facts({ newInstall: { database: true, agents: 1 } })).causes;
    expect(cause).toMatchObject({ key: 'finish', severity: 'attention', action: { operation: 'finish' } });
    expect(cause?.body).toMatch(/^Its database waits .*, and 1 agent that ran waits to be started: /u);
    const [agents] = judge(facts({ newInstall: { database: false, agents: 3 } })).causes;
    expect(agents?.body).toMatch(/^3 agents that ran wait to be started: trinity-backup finish/u);
    const [unknown] = judge(facts({ newInstall: { database: false, agents: 0 } })).causes;
    expect(unknown?.body).toMatch(/^Its restore was cut off .*: trinity-backup finish/u);
  });

  it('are none before the set-up', () => {
    expect(keys({ isSetUp: false, damage: 'Damaged.' })).toEqual([]);
  });
});
