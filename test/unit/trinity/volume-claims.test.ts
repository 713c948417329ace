import { describe, expect, it } from 'vitest';
import type { AgentRow } from '../../../main/trinity/install.ts';
import { claimVolumes } from '../../../main/trinity/volume-claims.ts';
import { agentVolumeName, isVolumeName, parseAgentVolumeName } from '../../../main/trinity/volume-name.ts';

function agent(name: string, row: Partial<AgentRow> = {}): AgentRow {
  const plain = {
    isSystem: false,
    isEphemeral: false,
    deletedAt: undefined,
    fileSharing: false,
    exposesFolder: false,
  };
  return { name, volumeBase: name, ...plain, ...row };
}

function namesOf(...agents: readonly AgentRow[]): readonly string[] {
  return [...claimVolumes(agents).byVolume.keys()].toSorted();
}

describe('claimVolumes', () => {
  it('finds the workspace of a renamed agent under its old name, public and shared under both', () => {
    const claims = claimVolumes([agent('research', { volumeBase: 'scout', fileSharing: true })]);
    expect(claims.expected.map(({ name }) => name)).toEqual([
      'agent-scout-workspace',
      'agent-research-public',
    ]);
    expect(claims.byVolume.get('agent-scout-workspace')).toMatchObject({
      role: 'workspace',
      agents: ['research'],
    });
    expect(claims.byVolume.get('agent-scout-public')).toMatchObject({ role: 'public', agents: ['research'] });
    expect(claims.byVolume.has('agent-research-workspace')).toBe(false);
  });

  it('leaves the old names to an agent that bears them now', () => {
    const claims = claimVolumes([
      agent('research', { volumeBase: 'scout' }),
      agent('scout', { volumeBase: 'scout-2' }),
    ]);
    expect(claims.byVolume.get('agent-scout-public')?.agents).toEqual(['scout']);
    expect(claims.byVolume.get('agent-scout-workspace')?.agents).toEqual(['research']);
  });

  it('names every agent of a volume that two rows claim', () => {
    const claims = claimVolumes([agent('a', { volumeBase: 'base' }), agent('base')]);
    expect(claims.byVolume.get('agent-base-workspace')?.agents).toEqual(['a', 'base']);
  });

  it('expects volumes of soft-deleted agents, and none of ephemeral ones', () => {
    expect(namesOf(agent('old', { deletedAt: '2026-09-14' }))).toContain('agent-old-workspace');
    const claims = claimVolumes([agent('ghost', { isEphemeral: true })]);
    expect([claims.byVolume.size, claims.expected, claims.skipped]).toEqual([
      0,
      [],
      [expect.objectContaining({ agent: 'ghost' })],
    ]);
  });

  it.each(['../../etc', 'a/b', '..', 'a\0b', 'a b', '.', '', 'ä', 'x'.repeat(250), '-workspace/../x'])(
    'makes no volume name of the hostile name %j',
    (name) => {
      expect(agentVolumeName(name, 'workspace') ?? 'agent-ok').not.toMatch(/[/\0]|^\.|\s/u);
      for (const row of [agent('fine', { volumeBase: name }), agent(name, { volumeBase: 'fine' })]) {
        for (const volume of claimVolumes([row]).byVolume.keys()) expect(isVolumeName(volume)).toBe(true);
      }
    },
  );
});

describe('parseAgentVolumeName', () => {
  it('is the inverse of agentVolumeName', () => {
    for (const kind of ['workspace', 'public', 'shared'] as const) {
      expect(parseAgentVolumeName(agentVolumeName('my-agent-public', kind) ?? '')).toEqual({
        base: 'my-agent-public',
        kind,
      });
    }
    expect(parseAgentVolumeName('trinity_redis-data')).toBeUndefined();
  });
});
