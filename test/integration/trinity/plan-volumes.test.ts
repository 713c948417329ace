import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backupSettings, type BackupSettings } from '../../../shared/model/settings.ts';
import type { AgentRow, PlannedVolume, TrinityInstall, VolumePlan } from '../../../main/trinity/install.ts';
import { planVolumes } from '../../../main/trinity/plan-volumes.ts';
import { sampleAgents, sampleOtherVolumes, sampleVolumes } from '../../../main/trinity/sample/sample-plan.ts';
import { agentVolumeLabels, parseAgentVolumeName } from '../../../main/trinity/volume-name.ts';
import { createVolume, folderSize, listVolumes } from '../../../main/trinity/volume-store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

type Place = Readonly<{ install: TrinityInstall; agents: readonly AgentRow[]; volumesRoot: string }>;

const defaults = backupSettings.parse({});

const agents: readonly AgentRow[] = sampleAgents.map((agent) => ({
  name: agent.name,
  volumeBase: agent.base ?? agent.name,
  isSystem: agent.system ?? false,
  isEphemeral: agent.ephemeral ?? false,
  deletedAt: agent.deletedAt,
  fileSharing: agent.fileSharing ?? false,
  exposesFolder: agent.exposes ?? false,
}));

/** The volumes of the sample install, empty. */
async function sample(): Promise<Place> {
  const folder = await tempFolder();
  const volumesRoot = join(folder, 'volumes');
  for (const { name, labelled } of [
    ...sampleVolumes,
    ...sampleOtherVolumes.map((other) => ({ name: other, labelled: false })),
  ]) {
    await mkdir(join(volumesRoot, name, '_data'), { recursive: true });
    const parsed = labelled ? parseAgentVolumeName(name) : undefined;
    const labels = parsed === undefined ? {} : agentVolumeLabels(parsed);
    await writeFile(join(volumesRoot, name, 'meta.json'), JSON.stringify({ labels }));
  }
  const install: TrinityInstall = {
    folder,
    projectName: 'trinity',
    form: 'prod',
    engine: undefined,
    dataFolder: join(folder, 'trinity-data'),
    dataVolume: undefined,
    dataAccess: { mode: 'host', reason: '' },
    folderAccess: { mode: 'host', reason: '' },
    database: { kind: 'sqlite', path: 'trinity.db' },
    databaseFile: undefined,
    envFile: join(folder, '.env'),
    env: new Map(),
    volumesRoot,
    version: undefined,
  };
  return { install, agents, volumesRoot };
}

async function plan(place: Place, settings: Partial<BackupSettings> = {}): Promise<VolumePlan> {
  return await planVolumes(place.install, place.agents, { ...defaults, ...settings });
}

function volumeOf({ volumes }: VolumePlan, name: string): PlannedVolume | undefined {
  return volumes.find((volume) => volume.name === name);
}

describe('planVolumes', () => {
  it('gets every kind of agent right', async () => {
    const place = await sample();
    const found = await plan(place);
    expect(
      found.volumes.map(({ name, role, agents, included }) => [name, role, agents.join(), included]),
    ).toEqual([
      ['agent-echo-workspace', 'workspace', 'echo', true],
      ['agent-lost-workspace', 'orphan', '', true],
      ['agent-no-box-workspace', 'workspace', 'no-box', true],
      ['agent-old-bot-workspace', 'workspace', 'old-bot', true],
      ['agent-reader-workspace', 'workspace', 'reader', true],
      ['agent-research-public', 'public', 'research', true],
      ['agent-scout-public', 'public', 'research', true],
      ['agent-scout-workspace', 'workspace', 'research', true],
      ['agent-trinity-system-workspace', 'workspace', 'trinity-system', true],
      ['agent-writer-shared', 'shared', 'writer', true],
      ['agent-writer-workspace', 'workspace', 'writer', true],
      ['trinity_agent-configs', 'platform', '', false],
      ['trinity_redis-data', 'platform', '', false],
      ['trinity_trinity-logs', 'platform', '', false],
    ]);
    expect(found.missing).toEqual([]);
    expect(found.skippedAgents.map(({ agent }) => agent)).toEqual(['ghost-1a2b3c4d']);
  });

  it('gives the labels that Trinity wants, also to a volume without any', async () => {
    const found = await plan(await sample());
    for (const [name, kind, base] of [
      ['agent-scout-workspace', 'agent-workspace', 'scout'],
      ['agent-research-public', 'agent-public', 'research'],
      ['agent-no-box-workspace', 'agent-workspace', 'no-box'],
    ] as const) {
      expect(volumeOf(found, name)?.labels).toEqual({ 'trinity.platform': kind, 'trinity.agent-name': base });
    }
  });

  it('names a volume that a row wants and that is gone', async () => {
    const place = await sample();
    await rm(join(place.volumesRoot, 'agent-scout-workspace'), { recursive: true });
    expect((await plan(place)).missing).toEqual([{ name: 'agent-scout-workspace', agent: 'research' }]);
  });

  it('includes every agent volume as an orphan, when the database tells nothing', async () => {
    const place = await sample();
    const found = await plan({ ...place, agents: [] });
    expect(found.volumes.filter(({ included }) => included)).toHaveLength(11);
    expect(volumeOf(found, 'agent-no-box-workspace')?.role).toBe('unlabelled');
  });

  it('leaves out what the settings say, by agent or by volume, and takes in what they name', async () => {
    const place = await sample();
    const found = await plan(place, {
      agents: {
        scout: { include: false, consistency: 'pause' },
        echo: { include: false, consistency: 'pause' },
        lost: { include: false, consistency: 'pause' },
      },
      volumes: {
        'agent-echo-workspace': { include: true },
        'agent-writer-shared': { include: false },
        weblog_database: { include: true },
        'trinity_redis-data': { include: true },
      },
    });
    const out = found.volumes
      .filter(({ included, role }) => !included && role !== 'platform')
      .map(({ name }) => name);
    expect(out).toEqual([
      'agent-lost-workspace',
      'agent-research-public',
      'agent-scout-public',
      'agent-scout-workspace',
      'agent-writer-shared',
    ]);
    expect(volumeOf(found, 'weblog_database')).toMatchObject({ role: 'unlabelled', included: true });
    expect(volumeOf(found, 'trinity_redis-data')?.included).toBe(false);
  });

  it('keeps a volume of two agents until both are left out', async () => {
    const place = await sample();
    const [first] = place.agents;
    if (first === undefined) throw new Error('The sample has agents.');
    const rows = [
      ...place.agents,
      { ...first, name: 'double', volumeBase: 'writer' },
      { ...first, name: 'writer-2', volumeBase: 'other' },
    ];
    const found = await plan(
      { ...place, agents: rows },
      { agents: { other: { include: false, consistency: 'pause' } } },
    );
    expect(volumeOf(found, 'agent-writer-workspace')).toMatchObject({
      agents: ['writer', 'double'],
      included: true,
    });
  });

  it('takes a labelled volume of any name, and the data volumes of older versions', async () => {
    const place = await sample();
    await createVolume(place.volumesRoot, 'odd-name', {
      'trinity.agent-name': 'odd',
      'trinity.platform': 'agent-workspace',
    });
    await createVolume(place.volumesRoot, 'encrypted-data', {});
    const found = await plan(place);
    expect(volumeOf(found, 'odd-name')).toMatchObject({ role: 'orphan', included: true });
    expect(volumeOf(found, 'encrypted-data')).toMatchObject({ role: 'platform', included: true });
    expect(volumeOf(found, 'weblog_database')).toBeUndefined();
  });

  it('plans nothing but missing volumes, when no volume can be reached', async () => {
    const place = await sample();
    const found = await planVolumes({ ...place.install, volumesRoot: undefined }, place.agents, defaults);
    expect([found.volumes.length, found.missing.length]).toEqual([0, 9]);
  });
});

describe('listVolumes', () => {
  it('follows no link and passes over what is no volume', async () => {
    const root = await tempFolder();
    const elsewhere = await tempFolder();
    await mkdir(join(elsewhere, '_data'));
    await createVolume(root, 'agent-a-workspace', {});
    await symlink(elsewhere, join(root, 'agent-linked-workspace'));
    await mkdir(join(root, 'agent-half-workspace'));
    await symlink(elsewhere, join(root, 'agent-half-workspace/_data'));
    await writeFile(join(root, 'metadata.db'), '');
    await mkdir(join(root, '.hidden/_data'), { recursive: true });
    expect((await listVolumes(root)).map(({ name }) => name)).toEqual(['agent-a-workspace']);
  });

  it('takes labels from meta.json, and none from one that is damaged', async () => {
    const root = await tempFolder();
    await createVolume(root, 'a', { 'trinity.agent-name': 'a' });
    await createVolume(root, 'b', {});
    await writeFile(join(root, 'b/meta.json'), '{"Labels": {"x": "y"}}');
    await createVolume(root, 'c', {});
    await writeFile(join(root, 'c/meta.json'), 'not json');
    expect((await listVolumes(root)).map(({ labels }) => labels)).toEqual([
      { 'trinity.agent-name': 'a' },
      { x: 'y' },
      undefined,
    ]);
  });
});

describe('createVolume', () => {
  it('refuses a volume that is there, and names that are paths', async () => {
    const root = await tempFolder();
    await createVolume(root, 'a', {});
    for (const name of ['a', '../b', '.b', '']) {
      await expect(createVolume(root, name, {})).rejects.toMatchObject({ kind: 'refused' });
    }
  });
});

describe('folderSize', () => {
  it('counts a tree without following links and holes', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'deep'));
    await writeFile(join(folder, 'deep/file'), Buffer.alloc(5000, 1));
    await symlink('/', join(folder, 'root'));
    expect(await folderSize(folder, new AbortController().signal)).toEqual({ files: 2, bytes: 5000 });
  });
});
