import { readdir } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { RestoreRequest } from '../../../../../main/backup/services.ts';
import { liveState, rowsOf } from '../../../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../../../helpers/tiny-install.ts';

export function asNew(backupId: string, name = 'second', agent = 'research'): RestoreRequest {
  return { backupId, agents: [agent], destination: { way: 'as', name }, safetyBackup: false };
}

export function agentRows(tiny: TinyInstall): readonly unknown[] {
  return Object.values(rowsOf(tiny.database)['agent_ownership'] ?? []);
}

export function change(tiny: TinyInstall, sql: string): void {
  const database = new Database(tiny.database);
  database.exec(sql);
  database.close();
}

export async function oursLeft(tiny: TinyInstall): Promise<readonly string[]> {
  const names = await readdir(tiny.volumes, { recursive: true });
  const journals = await readdir(path.join(tiny.home, 'journals'));
  return [...names.filter((name) => name.includes('.trinity-backup-')), ...journals];
}

export const expectedRow = {
  agent_name: 'second',
  volume_base_name: 'second',
  deleted_at: null,
  is_system: null,
  is_ephemeral: null,
  file_sharing_enabled: 1,
};

/** Without the times of what SQLite writes: the database itself, and its folder. */
export function stateOf(tiny: TinyInstall): Readonly<Record<string, unknown>> {
  const { time: _, ...state } = liveState(tiny);
  return { ...state, trinity: { ...Object(state['trinity']), 'trinity-data': '' } };
}

/** The new agent is whole, and everybody else as before. */
export function expectCopied(tiny: TinyInstall, before: Readonly<Record<string, unknown>>): void {
  const { rows: liveRows, ...live } = stateOf(tiny);
  const copied = Object.entries(live).filter(([name]) => name.startsWith('agent-second-'));
  const others = Object.fromEntries(
    Object.entries(live).filter(([name]) => !name.startsWith('agent-second-')),
  );
  const { rows: rowsBefore, ...othersBefore } = before;
  expect(others).toEqual(othersBefore);
  expect(copied.map(([name]) => name).filter((name) => !name.includes(' '))).toEqual([
    'agent-second-public',
    'agent-second-workspace',
  ]);
  for (const [now, then] of [
    ['agent-second-workspace', 'agent-scout-workspace'],
    ['agent-second-public', 'agent-research-public'],
  ] as const) {
    expect(live[now]).toEqual(before[then]);
    const platform = now.endsWith('public') ? 'agent-public' : 'agent-workspace';
    const labels = { 'trinity.platform': platform, 'trinity.agent-name': 'second' };
    expect(live[`${now} labels`]).toEqual({ labels });
  }
  const rowsAfter = Object(liveRows) as Record<string, unknown[]>;
  const rowsThen = Object(rowsBefore) as Record<string, unknown[]>;
  expect(rowsAfter).toEqual({
    ...rowsThen,
    agent_ownership: [...(rowsThen['agent_ownership'] ?? []), expectedRow],
  });
}
