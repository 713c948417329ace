import { describe, expect, it } from 'vitest';
import { agentsState } from '../../../main/backup/agents-state.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import { createTestManifest, createTestSource } from '../../fakes/test-manifest.ts';

type Copy = Partial<ManifestSource> & Readonly<{ volume: string }>;

function backupOf(timestamp: string, copies: readonly Copy[], install: Manifest['install'] = {}): Manifest {
  const sources = copies.map((copy) => ({ ...createTestSource('memory', copy.volume, ['root']), ...copy }));
  return createTestManifest('c'.repeat(32), { timestamp, install, sources });
}

const [older, newer] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
const echo = {
  volume: 'agent-echo-workspace',
  agents: ['echo'],
  frozenMs: 7,
  facts: { consistency: 'paused' },
};
const shared = { volume: 'agent-echo-shared', agents: ['echo', 'reader'] };
const orphan = { volume: 'agent-old-workspace', agents: [], facts: { role: 'orphan' } };

function today(name: string, agents: readonly string[] = [], included = true) {
  return { name, agents, included, role: 'workspace' } as const;
}

describe('agentsState', () => {
  it('tells for each agent when all of it was last copied, how large it is and how long it was frozen', () => {
    const failed = { ...shared, state: 'failed' } as const;
    const manifests = [backupOf(newer, [echo, failed]), backupOf(older, [echo, shared])];
    const there = [today(echo.volume, ['echo']), today(shared.volume, ['echo', 'reader'])];
    const { agents, volumes } = agentsState(manifests, there);
    expect(agents).toMatchObject([
      { agent: 'echo', coverage: 'partly', lastBackupAt: older, frozenMs: 7 },
      { agent: 'reader', coverage: 'none', lastBackupAt: older },
    ]);
    expect(volumes).toMatchObject([
      { volume: shared.volume, coverage: 'failed', lastBackupAt: older },
      { volume: echo.volume, coverage: 'covered', lastBackupAt: newer, consistency: 'paused' },
    ]);
  });

  it('lists agents and volumes by name, with numbers in the order of their size', () => {
    const there = ['agent-10', 'agent-9', 'agent-1'].map((name) => today(`${name}-workspace`, [name]));
    const state = agentsState([], there);
    expect(state.agents.map(({ agent }) => agent)).toEqual(['agent-1', 'agent-9', 'agent-10']);
    expect(state.volumes.map(({ volume }) => volume)).toEqual([
      'agent-1-workspace',
      'agent-9-workspace',
      'agent-10-workspace',
    ]);
  });

  it('names what belongs to nobody, what is new, and what was left out by hand', () => {
    const leftOut = [{ name: 'agent-quiet-workspace', agents: ['quiet'], reason: 'by hand' }];
    const manifests = [backupOf(newer, [echo, orphan], { leftOut })];
    const there = [
      today(echo.volume),
      today(orphan.volume),
      today('agent-quiet-workspace', ['quiet'], false),
      today('agent-young-workspace', ['young']),
    ];
    const state = agentsState(manifests, there);
    expect(state.ownerless).toEqual([orphan.volume]);
    expect(state.newVolumes).toEqual(['agent-young-workspace']);
    expect(state.agents.map(({ agent, coverage, lastBackupAt }) => [agent, coverage, lastBackupAt])).toEqual([
      ['echo', 'covered', newer],
      ['quiet', 'left-out', null],
      ['young', 'none', null],
    ]);
  });

  it('goes by the backups alone where the install cannot be asked, and says what went since the last', () => {
    const manifests = [backupOf(newer, [echo, orphan])];
    expect(agentsState(manifests, undefined).agents).toMatchObject([{ agent: 'echo', coverage: 'covered' }]);
    const { volumes, ownerless } = agentsState(manifests, [today(orphan.volume)]);
    expect(volumes).toMatchObject([
      { volume: echo.volume, coverage: 'gone' },
      { volume: orphan.volume, coverage: 'covered' },
    ]);
    expect(ownerless).toEqual([orphan.volume]);
  });

  it('knows a volume that went before the last run, as long as a backup holds it', () => {
    const manifests = [backupOf(newer, [orphan]), backupOf(older, [echo, orphan])];
    const { volumes } = agentsState(manifests, [today(orphan.volume)]);
    expect(volumes).toMatchObject([
      { volume: echo.volume, agents: ['echo'], coverage: 'gone', lastBackupAt: older },
      { volume: orphan.volume, coverage: 'covered' },
    ]);
  });
});
