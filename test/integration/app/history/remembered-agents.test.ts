import path from 'node:path';
import { expect, it } from 'vitest';
import { rememberedAgents } from '../../../../main/app/history/remembered-agents.ts';
import { Catalog } from '../../../../main/catalog/catalog.ts';
import type { Trigger } from '../../../../shared/model/trigger.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const dayMs = 24 * 3_600_000;
const nowMs = Date.parse('2026-11-23T12:00:00Z');

type Part = readonly [source: string, agent: string, outcome?: 'succeeded' | 'failed'];
type Made = Readonly<{ days: number; parts: readonly Part[]; trigger?: Trigger }>;

/** Each source has as many bytes as days have gone by. */
function record(catalog: Catalog, { days, parts, trigger = 'scheduled' }: Made): void {
  const sizes = { files: 1, bytesAdded: 0, bytesStored: 0, frozenMs: 0, lockedMs: 0, warnings: 0 };
  catalog.recordRun({
    operation: 'backup',
    trigger,
    startedMs: nowMs - days * dayMs,
    finishedMs: nowMs - days * dayMs + 1,
    outcome: 'succeeded',
    failedSources: [],
    sources: parts.map(([source, agent, outcome = 'succeeded']) => ({
      ...sizes,
      source,
      agents: [agent],
      outcome,
      bytes: days,
    })),
  });
}

const daysAgo = (days: number): string => new Date(nowMs - days * dayMs).toISOString();

it('the agents of recent backups are told with the oldest of the last good copies of their volumes', async () => {
  using catalog = Catalog.open(path.join(await tempFolder(), 'catalog.sqlite'));
  expect(rememberedAgents(catalog, nowMs)).toEqual([]);
  // In no backup of late: nobody misses it.
  record(catalog, { days: 30, parts: [['memory/agent-gone-workspace', 'gone']] });
  record(catalog, { days: 20, parts: [['memory/agent-two-workspace', 'two']] });
  const both: readonly Part[] = [
    ['memory/agent-one-workspace', 'one'],
    ['memory/agent-one-public', 'one'],
    ['files', ''],
  ];
  record(catalog, { days: 12, parts: both });
  record(catalog, {
    days: 11,
    parts: [
      ['memory/agent-one-workspace', 'one'],
      ['memory/agent-two-workspace', 'two', 'failed'],
      ['memory/agent-new-workspace', 'new', 'failed'],
    ],
  });
  // What was there before a restore is a backup of what nobody wanted any more.
  record(catalog, { days: 1, parts: [['memory/agent-gone-workspace', 'gone']], trigger: 'pre_migration' });
  const told = rememberedAgents(catalog, nowMs);
  expect(told.toSorted((one, other) => (one.agent < other.agent ? -1 : 1))).toEqual([
    { agent: 'new', lastBackupAt: null, bytes: 0 },
    { agent: 'one', lastBackupAt: daysAgo(12), bytes: 12 + 11 },
    { agent: 'two', lastBackupAt: daysAgo(20), bytes: 20 },
  ]);
});
