import { describe, expect, it } from 'vitest';
import { listAgents } from '../../../../main/app/agents/agent-list.ts';

describe('listAgents', () => {
  it('lists agents as people count, live ones before those that were deleted', () => {
    const row = (name: string, deletedAt?: string) => ({
      name,
      volumeBase: name,
      isSystem: false,
      isEphemeral: false,
      deletedAt,
      fileSharing: false,
      exposesFolder: false,
    });
    const { agents } = listAgents({
      rows: ['10', '2', 'agent-11', '1', 'agent-9']
        .map((name) => row(name))
        .concat(row('0', '2026-11-01T00:00:00Z')),
      plan: undefined,
      others: [],
      manifests: [],
      settings: { agents: {} },
    });
    expect(agents.map(({ name }) => name)).toEqual(['1', '2', '10', 'agent-9', 'agent-11', '0']);
  });
});
