import { describe, expect, it } from 'vitest';
import { backupSettings } from '../../../shared/model/settings.ts';
import type { AgentRow, PlannedVolume, VolumePlan } from '../../../main/trinity/install.ts';
import { planVolumes } from '../../../main/trinity/plan-volumes.ts';
import { readInstall } from '../../../main/trinity/read-install.ts';
import { mini, mountOf, type Mini } from './mini.ts';

const agentLabels = { 'trinity.platform': 'agent' };

function row(name: string, changes: Partial<AgentRow> = {}): AgentRow {
  return {
    name,
    volumeBase: name,
    isSystem: false,
    isEphemeral: false,
    deletedAt: undefined,
    fileSharing: false,
    exposesFolder: false,
    ...changes,
  };
}

async function planOf(
  { folder, host }: Mini,
  rows: readonly AgentRow[],
  volumeAccess: 'auto' | 'helper' = 'auto',
): Promise<VolumePlan> {
  const install = await readInstall({ folder, dockerHost: host, volumeAccess });
  return await planVolumes(install, rows, { ...backupSettings.parse({}), volumeAccess });
}

function volumeOf(plan: VolumePlan, name: string): PlannedVolume | undefined {
  return plan.volumes.find((volume) => volume.name === name);
}

describe('planVolumes, with an engine', () => {
  it('finds volumes by what agents mount, by their rows and by their names, each once', async () => {
    const place = await mini();
    const own = ['agent-scout-workspace', 'agent-writer-workspace', 'agent-writer-shared', 'strange-volume'];
    for (const name of [...own, 'agent-lost-workspace', 'trinity_redis-data', 'unrelated'])
      await place.volume(name);
    await place.container('agent-research', {
      labels: { ...agentLabels, 'trinity.agent-name': 'scout' },
      mounts: [
        mountOf('agent-scout-workspace', '/home/developer'),
        mountOf('agent-writer-shared', '/home/developer/shared-in/writer'),
        mountOf('strange-volume', '/opt/extra'),
      ],
    });
    await place.container('agent-writer', {
      labels: agentLabels,
      mounts: [
        mountOf('agent-writer-workspace', '/home/developer'),
        mountOf('agent-writer-shared', '/home/developer/shared-out'),
      ],
    });
    await place.container('agent-ghost', { labels: { ...agentLabels, 'trinity.ephemeral': 'true' } });
    const plan = await planOf(place, [row('writer', { exposesFolder: true })]);
    const agents = Object.fromEntries(plan.volumes.map((volume) => [volume.name, volume.agents]));
    expect(agents).toMatchObject({
      'agent-scout-workspace': ['research'],
      'agent-writer-workspace': ['writer'],
      'agent-writer-shared': ['writer'],
      'strange-volume': ['research'],
      'agent-lost-workspace': [],
    });
    expect(volumeOf(plan, 'agent-lost-workspace')).toMatchObject({ included: true, role: 'unlabelled' });
    expect(volumeOf(plan, 'trinity_redis-data')).toMatchObject({ included: false, role: 'platform' });
    expect(volumeOf(plan, 'unrelated')).toBeUndefined();
    expect(plan.skippedAgents.map(({ agent }) => agent)).toEqual(['ghost']);
    expect(plan.missing).toEqual([]);
  });

  it('names all that mount a volume, and whether they may write, also by its folder', async () => {
    const place = await mini();
    const folder = await place.volume('agent-writer-shared');
    await place.container('agent-reader', {
      labels: agentLabels,
      mounts: [mountOf('agent-writer-shared', '/home/developer/shared-in/writer')],
    });
    await place.container('some-viewer', {
      mounts: [{ ...mountOf('agent-writer-shared', '/look'), writable: false }],
    });
    await place.container('some-binder', {
      mounts: [{ kind: 'bind', source: folder, target: '/bound', writable: true }],
    });
    const users = volumeOf(await planOf(place, []), 'agent-writer-shared')?.users ?? [];
    expect(users.map(({ container, agent, writable, state }) => [container, agent, writable, state])).toEqual(
      [
        ['agent-reader', 'reader', true, 'created'],
        ['some-binder', undefined, true, 'created'],
        ['some-viewer', undefined, false, 'created'],
      ],
    );
  });

  it('has driver and labels from the engine, and says how each volume is reached', async () => {
    const place = await mini();
    const labels = { 'trinity.platform': 'agent-workspace', 'trinity.agent-name': 'echo' };
    const folder = await place.volume('agent-echo-workspace', labels);
    await place.volume('agent-ram-workspace', {}, { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' });
    const plan = await planOf(place, [row('echo')]);
    expect(volumeOf(plan, 'agent-echo-workspace')).toMatchObject({
      folder,
      labels,
      driver: 'local',
      access: { mode: 'host' },
    });
    expect(volumeOf(plan, 'agent-ram-workspace')?.access).toEqual({
      mode: 'helper',
      reason: 'Docker mounts it from elsewhere while a container uses it.',
    });
    const switched = await planOf(place, [row('echo')], 'helper');
    expect(volumeOf(switched, 'agent-echo-workspace')?.access.mode).toBe('helper');
  });

  it('makes no volume that a row names and that is gone', async () => {
    const place = await mini();
    const plan = await planOf(place, [row('nobody')]);
    expect(plan.missing).toEqual([{ name: 'agent-nobody-workspace', agent: 'nobody' }]);
    const { signal } = new AbortController();
    expect(await place.engine.inspectVolume('agent-nobody-workspace', signal)).toBeUndefined();
  });
});
