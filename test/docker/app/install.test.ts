import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emptyLab } from '../../helpers/command-lab.ts';
import { mini, mountOf, putDatabase, type Mini } from '../trinity/mini.ts';

const reportShape = z.object({
  folder: z.string(),
  form: z.string(),
  engine: z.object({ host: z.string() }).nullable(),
  engineReason: z.string(),
  dataVolume: z.string().nullable(),
  components: z.array(z.object({ component: z.string(), covered: z.boolean(), reason: z.string() })),
  agentStates: z.array(
    z.object({ name: z.string(), state: z.string().nullable(), volumes: z.array(z.string()) }),
  ),
  volumes: z.array(
    z.object({
      name: z.string(),
      included: z.boolean(),
      bytes: z.number().nullable(),
      mountedBy: z.array(z.string()),
      access: z.object({ mode: z.string(), reason: z.string() }),
    }),
  ),
  problems: z.array(z.string()),
});

const secret = 'hush-hush-hush';

async function trinity(): Promise<Mini> {
  const place = await mini();
  await putDatabase(await place.volume('trinity_trinity-data'));
  for (const name of ['agent-echo-workspace', 'agent-scout-workspace', 'agent-research-public'])
    await place.volume(name, { 'trinity.agent-name': name });
  await place.container('trinity-backend', {
    service: 'backend',
    mounts: [mountOf('trinity_trinity-data', '/data')],
    environment: { TRINITY_DB_PATH: '/data/trinity.db', SECRET_KEY: secret },
  });
  await place.container('agent-echo', {
    labels: { 'trinity.platform': 'agent' },
    mounts: [mountOf('agent-echo-workspace', '/home/developer')],
    environment: { TRINITY_MCP_API_KEY: secret },
  });
  return place;
}

describe('install', () => {
  it('finds all of a Trinity by its engine alone, and keeps the engine for later', async () => {
    const [place, lab] = [await trinity(), await emptyLab()];
    const ended = await lab.run(['install', '--json'], { DOCKER_HOST: place.host });
    expect(ended.stderr).toBe('');
    const report = reportShape.parse(JSON.parse(ended.stdout));
    expect(report).toMatchObject({
      folder: place.folder,
      form: 'dev',
      engine: { host: place.host },
      engineReason: expect.stringContaining('DOCKER_HOST'),
      dataVolume: 'trinity_trinity-data',
      problems: [],
    });
    expect(report.agentStates).toEqual([
      { name: 'echo', state: 'created', volumes: ['agent-echo-workspace'] },
      { name: 'research', state: null, volumes: ['agent-research-public', 'agent-scout-workspace'] },
    ]);
    const echo = report.volumes.find(({ name }) => name === 'agent-echo-workspace');
    expect(echo).toMatchObject({
      included: true,
      bytes: 0,
      mountedBy: ['agent-echo'],
      access: { mode: 'host' },
    });
    expect(report.components.filter(({ covered }) => covered).map(({ component }) => component)).toEqual([
      'persistence',
      'files',
      'config',
      'memory',
    ]);
    expect(ended.stdout).not.toContain(secret);
    const again = await lab.run(['install', '--path', place.folder, '--docker-host', place.host]);
    expect(again.stdout).toMatch(/agent-echo-workspace +workspace +echo +0 B +host +yes/u);
    expect(again.stdout).toMatch(/Access by host: .* \(3 volumes\)/u);
  });

  it('backs up what it found through the engine, with the labels that the engine has', async () => {
    const [place, lab] = [await trinity(), await emptyLab()];
    const done = async (...args: readonly string[]): Promise<unknown> => await lab.json(args);
    await done('install', '--docker-host', place.host);
    await done('init', '--vault', lab.vault);
    const { backupId } = z.object({ backupId: z.string() }).parse(await done('backup'));
    const shown = JSON.stringify(await done('show', backupId));
    expect(shown).toContain('"trinity.agent-name":"agent-echo-workspace"');
    expect(shown).not.toContain(secret);
  });

  it('says what to do about an engine that was named and does not answer, and asks none for other folders', async () => {
    const [place, lab] = [await trinity(), await emptyLab()];
    const ended = await lab.run(['install', '--path', place.folder, '--docker-host', 'unix:///nowhere.sock']);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('No Docker engine answers')]);
    const args = ['install', '--path', place.folder, '--volumes-root', path.dirname(place.folder), '--json'];
    const apart = await lab.run(args, { DOCKER_HOST: place.host });
    expect(reportShape.parse(JSON.parse(apart.stdout))).toMatchObject({
      engine: null,
      engineReason: expect.stringContaining('elsewhere'),
      volumes: [],
    });
  });
});
