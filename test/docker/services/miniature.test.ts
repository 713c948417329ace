import { existsSync, mkdtempSync } from 'node:fs';
import { copyFile, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger, sumsAreEqual, tickDistances } from '../../helpers/ledger.ts';
import { containerStates, execIn, runStates } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { platformLedger, snapshotVolume, whilePaused } from '../../services/miniature/look.ts';
import { agentLedgers, agentNames, startMiniature } from '../../services/miniature/miniature.ts';
import type { Miniature } from '../../services/miniature/miniature.ts';
import { untilTrue } from '../../services/miniature/platform.ts';

const engine = sharedEngine();
const agentContainers = agentNames.map((name) => `agent-${name}`);

function ledgerFile({ volume, file }: (typeof agentLedgers)[number]): string {
  return path.join(engine.volumeData(volume), file);
}

async function volumeNames(): Promise<readonly string[]> {
  return (await engine.client.listVolumes()).Volumes.map(({ Name }) => Name);
}

describe('miniature', () => {
  let miniature: Miniature;
  beforeAll(async () => {
    miniature = await startMiniature({ engine });
  });
  afterAll(async () => await miniature.remove());

  it('runs the platform and every agent that has a container', async () => {
    const running = [...agentContainers, 'trinity-backend', 'trinity-redis', 'trinity-scheduler'];
    const expected = running.map((name) => [
      name,
      name === 'agent-reader' ? 'running no' : 'running unless-stopped',
    ]);
    expect(await runStates(engine)).toStrictEqual(Object.fromEntries(expected));
  });

  it('mounts what each row says, also of the agent that was renamed and of the one that reads a shared folder', async () => {
    const mounts = async (name: string): Promise<readonly string[]> => {
      const { Mounts } = await engine.client.getContainer(name).inspect();
      return Mounts.map(({ Name, Destination }) => `${Name ?? ''} ${Destination}`).toSorted();
    };
    expect(await mounts('agent-research')).toStrictEqual([
      'agent-research-public /home/developer/public',
      'agent-scout-workspace /home/developer',
    ]);
    expect(await mounts('agent-reader')).toStrictEqual([
      'agent-reader-workspace /home/developer',
      'agent-writer-shared /home/developer/shared-in/writer',
    ]);
    expect(await mounts('agent-ghost-1a2b3c4d')).toStrictEqual([]);
  });

  it('labels the volumes of agents, but for one', async () => {
    const { Volumes } = await engine.client.listVolumes();
    const labels = Object.fromEntries(Volumes.map(({ Name, Labels }) => [Name, Labels ?? {}]));
    expect(labels['agent-scout-workspace']).toStrictEqual({
      'trinity.platform': 'agent-workspace',
      'trinity.agent-name': 'scout',
    });
    expect(labels['agent-lost-workspace']).toHaveProperty(['trinity.agent-name'], 'lost');
    expect(labels['agent-no-box-workspace']).toStrictEqual({});
  });

  it('has ledgers whose sums are equal, in every moment', async () => {
    const read = (): readonly number[] => agentLedgers.map((ledger) => readLedger(ledgerFile(ledger)).steps);
    for (let round = 0; round < 5; round += 1) {
      await whilePaused(engine, agentContainers, () => {
        for (const ledger of agentLedgers) expect(sumsAreEqual(ledgerFile(ledger))).toBe(true);
      });
      await delay(30 + 20 * round);
    }
    const before = await whilePaused(engine, agentContainers, read);
    await untilTrue('every ledger has gone on', async () => {
      const after = await whilePaused(engine, agentContainers, read);
      return after.every((steps, index) => steps > (before[index] ?? 0));
    });
  });

  it('has pairs of files that tell a frozen copy from one made while an agent writes', async () => {
    const volume = engine.volumeData('agent-writer-shared');
    const distances = await whilePaused(engine, agentContainers, () => Object.values(tickDistances(volume)));
    expect(distances).toHaveLength(2);
    for (const distance of distances) expect([0, 1]).toContain(distance);

    const copy = mkdtempSync(path.join(tmpdir(), 'trinity-ticks-'));
    try {
      await copyFile(path.join(volume, '.aaa-tick-reader'), path.join(copy, '.aaa-tick-reader'));
      const number = async (file: string): Promise<number> => Number(await readFile(file, 'utf8'));
      const first = await number(path.join(copy, '.aaa-tick-reader'));
      const last = path.join(volume, 'zzz-tick-reader');
      await untilTrue('it has gone on', async () => (await number(last)) > first + 1);
      await copyFile(path.join(volume, 'zzz-tick-reader'), path.join(copy, 'zzz-tick-reader'));
      expect(tickDistances(copy)['reader']).toBeLessThan(-1);
    } finally {
      await rm(copy, { recursive: true });
    }
  });

  it('keeps still while it is paused', async () => {
    await whilePaused(engine, agentContainers, async () => {
      const before = snapshotVolume(engine, 'agent-echo-workspace');
      await delay(300);
      expect(snapshotVolume(engine, 'agent-echo-workspace')).toStrictEqual(before);
    });
  });

  it("writes into Trinity's database from the scheduler", async () => {
    const read = async (): Promise<Readonly<{ isConsistent: boolean; steps: number }>> =>
      await whilePaused(engine, ['trinity-scheduler'], async () => await platformLedger(miniature));
    const before = await read();
    expect(before.isConsistent).toBe(true);
    await untilTrue('the scheduler has gone on', async () => {
      const after = await read();
      expect(after.isConsistent).toBe(true);
      return after.steps > before.steps;
    });
  });

  it('signs in with the right password only, and not where a second factor is asked for', async () => {
    const signIn = async (password: string): Promise<number> => {
      const body = new URLSearchParams({ username: 'admin', password });
      return (await fetch(`${miniature.api.url}/api/token`, { method: 'POST', body })).status;
    };
    expect(await signIn('wrong')).toBe(401);
    expect((await fetch(`${miniature.api.url}/api/agents`)).status).toBe(401);
    await miniature.api.signIn();
    await miniature.api.set({ mfa: true });
    await expect(miniature.api.signIn()).rejects.toThrow('mfa_required');
    await miniature.api.set({ mfa: false });
  });

  it('is not healthy while a migration is pending', async () => {
    await miniature.api.set({ pending_migration: 'next_thing' });
    const response = await fetch(`${miniature.api.url}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toHaveProperty('migrations');
    await miniature.api.set({ pending_migration: null });
  });

  it('makes a container anew, on the volume that its row names, when an agent is started without one', async () => {
    const before = await containerStates(engine);
    await engine.client.getContainer('agent-research').remove({ force: true });
    await miniature.api.startAgent('research');
    const after = await containerStates(engine);
    expect(after['agent-research']?.state).toBe('running');
    expect(after['agent-research']?.id).not.toBe(before['agent-research']?.id);
    const { stdout } = await execIn(engine, 'agent-research', ['cat', '/home/developer/CLAUDE.md']);
    expect(stdout).toContain('# scout');
  });

  it('starts an agent whose volume is missing with an empty one, as Trinity would', async () => {
    await miniature.api.call('POST', '/api/agents/echo/stop');
    await engine.client.getContainer('agent-echo').remove();
    await engine.client.getVolume('agent-echo-workspace').remove();
    await miniature.api.startAgent('echo');
    const names = await readdir(engine.volumeData('agent-echo-workspace'));
    expect(names).toContain('.bashrc');
    expect(names).not.toContain('CLAUDE.md');
    const volume = await engine.client.getVolume('agent-echo-workspace').inspect();
    expect(volume.Labels ?? {}).toStrictEqual({});
  });

  it('creates, deletes and recovers an agent, with its volume kept', async () => {
    const { api } = miniature;
    expect((await api.call('POST', '/api/agents', { name: 'novice' })).status).toBe(200);
    expect((await api.call('POST', '/api/agents', { name: 'novice' })).status).toBe(409);
    expect((await api.call('DELETE', '/api/agents/novice')).status).toBe(200);
    expect((await api.call('POST', '/api/agents/novice/start')).status).toBe(404);
    expect((await api.call('POST', '/api/admin/soft-deleted/agents/novice/recover')).status).toBe(200);
    await api.startAgent('novice');
    expect((await api.call('GET', '/api/agents/novice')).body).toStrictEqual({
      name: 'novice',
      status: 'running',
    });
    expect((await api.call('GET', '/api/agents/no-box')).body).toStrictEqual({
      name: 'no-box',
      status: 'stopped',
    });
  });

  it('sweeps labelled volumes that no row owns and no container mounts, and no others', async () => {
    const before = await volumeNames();
    await miniature.api.set({ sweep_seconds: 0.1, sweep_grace_seconds: 0 });
    await untilTrue(
      'the sweep was here',
      async () => !(await volumeNames()).includes('agent-lost-workspace'),
    );
    await delay(500);
    await miniature.api.set({ sweep_seconds: 0 });
    const after = await volumeNames();
    expect(before.filter((name) => !after.includes(name))).toStrictEqual(['agent-lost-workspace']);
  });

  it('removes all that it had on the engine and on this host', async () => {
    await miniature.remove();
    const names = [...Object.keys(await containerStates(engine)), ...(await volumeNames())];
    expect(names.filter((name) => /^(?:trinity|agent)[-_]/u.test(name))).toStrictEqual([]);
    expect(existsSync(miniature.folder)).toBe(false);
  });
});
