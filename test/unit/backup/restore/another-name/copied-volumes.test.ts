import { describe, expect, it } from 'vitest';
import { copiedVolumes } from '../../../../../main/backup/restore/another-name/copied-volumes.ts';
import type { ManifestSource } from '../../../../../shared/model/manifest.ts';

function volume(name: string, facts: ManifestSource['facts'] = {}): ManifestSource {
  return {
    component: 'memory',
    volume: name,
    agents: ['research'],
    state: 'complete',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    bytesAdded: 1,
    bytesStored: 1,
    frozenMs: 0,
    lockedMs: 0,
    facts: { labels: { 'trinity.agent-name': 'scout' }, exclude: ['.cache/'], ...facts },
  };
}

describe('the volumes of a copied agent', () => {
  it('bear the name and the labels of the new agent, also after a renaming', () => {
    const sources = [volume('agent-scout-workspace'), volume('agent-research-public')];
    const copied = copiedVolumes(sources, 'research', 'second');
    expect(copied).toMatchObject({ base: 'scout', hasPublic: true, leftOut: [] });
    expect(copied.sources.map(({ volume: name, agents, facts }) => [name, agents, facts['labels']])).toEqual([
      [
        'agent-second-workspace',
        ['second'],
        { 'trinity.platform': 'agent-workspace', 'trinity.agent-name': 'second' },
      ],
      [
        'agent-second-public',
        ['second'],
        { 'trinity.platform': 'agent-public', 'trinity.agent-name': 'second' },
      ],
    ]);
    // What a backup leaves out is left out of the copy as well.
    expect(copied.sources[0]?.facts['exclude']).toEqual(['.cache/']);
  });

  it('are plain ones, so that a share on the network is not written over', () => {
    const facts = { driver: 'local', options: { type: 'nfs', device: ':/data' }, optionsLeftOut: true };
    const [copied] = copiedVolumes([volume('agent-research-workspace', facts)], 'research', 'second').sources;
    expect(copied?.facts).toMatchObject({ driver: 'local', options: {}, optionsLeftOut: false });
  });

  it('leave out what the agent kept under an older name, and what is not of Trinity', () => {
    const names = [
      'agent-scout-public',
      'agent-research-public',
      'agent-research-shared',
      'agent-scout-workspace',
      'notes',
    ];
    const copied = copiedVolumes(
      names.map((name) => volume(name)),
      'research',
      'second',
    );
    expect(copied.sources.map(({ volume: name }) => name)).toEqual([
      'agent-second-workspace',
      'agent-second-public',
      'agent-second-shared',
    ]);
    expect(copied.leftOut).toEqual(['agent-scout-public', 'notes']);
  });

  it('cannot do without the workspace', () => {
    expect(() => copiedVolumes([volume('agent-research-public')], 'research', 'second')).toThrow(
      'does not hold the workspace of research',
    );
  });
});
