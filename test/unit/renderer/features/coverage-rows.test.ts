import { describe, expect, it } from 'vitest';
import { coverageRows, rememberedRows } from '../../../../renderer/features/overview/coverage-rows.ts';

function source(text: string, name: string) {
  return {
    source: text,
    name,
    state: 'protected' as const,
    sentence: '',
    severity: 'good' as const,
    lastBackupAt: null,
    provenAt: null,
  };
}

describe('coverageRows', () => {
  it('has database, files and configuration on top, then agents by name as people count', () => {
    const rows = coverageRows([
      source('paths/etc', 'the folder etc'),
      source('memory/agent-10-workspace', 'agent 10'),
      source('memory/agent-2-workspace', 'agent 2'),
      source('config', 'the configuration'),
      source('memory/agent-1-workspace', 'agent 1'),
      source('files', 'the files'),
      source('persistence', 'the database'),
      source('other', 'another'),
    ]);
    expect(rows.map(({ label }) => label)).toEqual([
      'The database',
      'The files',
      'The configuration',
      'Agent 1',
      'Agent 2',
      'Agent 10',
      'The folder etc',
      'Another',
    ]);
  });

  it('tells two of the same name apart by their volumes, and leaves all others as they are', () => {
    const rows = coverageRows([
      source('memory/agent-one-public', 'agent one (public)'),
      source('memory/agent-uno-public', 'agent one (public)'),
      source('memory/agent-one-workspace', 'agent one'),
    ]);
    expect(rows.map(({ volume }) => volume)).toEqual([undefined, 'agent-one-public', 'agent-uno-public']);
  });
});

describe('rememberedRows', () => {
  it('tells when each source was last backed up, and claims nothing else of it', () => {
    const run = (text: string, agents: readonly string[], day: number, outcome: 'succeeded' | 'failed') => ({
      source: text,
      agents: [...agents],
      outcome,
      runId: day,
      startedMs: Date.UTC(2026, 0, day),
      files: 1,
      bytes: 1,
      bytesAdded: 1,
      bytesStored: 1,
      frozenMs: 0,
      lockedMs: 0,
      warnings: 0,
    });
    const rows = rememberedRows([
      run('memory/agent-uno-workspace', ['one'], 1, 'succeeded'),
      run('memory/agent-uno-workspace', ['one'], 3, 'succeeded'),
      run('memory/agent-uno-workspace', ['one'], 4, 'failed'),
      run('memory/agent-two-workspace', ['two'], 4, 'failed'),
      run('persistence', [], 2, 'succeeded'),
    ]);
    expect(rows.map(({ label, volume, lastBackupAt }) => [label, volume, lastBackupAt])).toEqual([
      ['Database', undefined, '2026-01-02T00:00:00.000Z'],
      ['one', 'agent-uno-workspace', '2026-01-03T00:00:00.000Z'],
      ['two', 'agent-two-workspace', null],
    ]);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['unknown']));
  });
});
