import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenJournal } from '../../../main/backup/restore/swap/journal.ts';
import { recoverJournals } from '../../../main/backup/restore/swap/recover-journals.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly, rowsOf } from '../../helpers/tiny-install.ts';
import { containerStates, execIn, runStates } from '../../services/docker/containers.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';
import { TrinityApi } from '../../services/miniature/api.ts';
import { dataVolume, readEnv } from '../../services/miniature/checkout.ts';
import { isHealthy, startPlatform, untilTrue } from '../../services/miniature/platform.ts';
import { agentNames, startMiniature, type Miniature } from '../../services/miniature/miniature.ts';
import { backedUpMiniature, differences, labelsOfVolumes } from './mini-lab.ts';

const engine = sharedEngine();
/** As Trinity does it long after an agent was deleted. */
async function purge({ dataFolder }: Miniature, agent: string): Promise<void> {
  await engine.client.getContainer(`agent-${agent}`).remove({ force: true });
  await engine.client.getVolume(`agent-${agent}-workspace`).remove();
  const database = new Database(path.join(dataFolder, 'trinity.db'), { timeout: 30_000 });
  database.prepare('DELETE FROM agent_ownership WHERE agent_name = ?').run(agent);
  database.close();
}

function deletedAgents(dataFolder: string): readonly unknown[] {
  const database = new Database(path.join(dataFolder, 'trinity.db'), { readonly: true, timeout: 30_000 });
  const names = database.prepare('SELECT agent_name FROM agent_ownership WHERE deleted_at IS NOT NULL');
  const found = names.pluck().all();
  database.close();
  return found;
}

const isBuilt = (name: string): boolean => name !== 'ghost-1a2b3c4d';

describe('a restore of the running miniature', () => {
  let miniature: Miniature;
  beforeAll(async () => {
    miniature = await startMiniature({ engine });
  });
  afterAll(async () => await miniature.remove());

  it('brings everything back after all volumes, containers of agents and the database are gone', async () => {
    const lab = await backedUpMiniature(miniature);
    const states = await runStates(engine);
    const labels = await labelsOfVolumes(engine);
    for (const agent of agentNames.filter(isBuilt))
      await engine.client.getContainer(`agent-${agent}`).remove({ force: true });
    for (const name of Object.keys(labels)) await engine.client.getVolume(name).remove();
    await rm(path.join(miniature.dataFolder, 'trinity.db'));
    await rm(path.join(miniature.dataFolder, 'avatars'), { recursive: true });
    let found: readonly unknown[] | undefined;
    const request = { ...inPlace(lab.backupId), safetyBackup: false };
    const outcome = await restoreBackup(lab.context, request, quietly, {
      beforeStep: async (step) => {
        if (step === 'committed') found = await differences(lab, engine);
      },
    });
    expect(found).toEqual([]);
    expect(outcome).toMatchObject({ restartRequired: false });
    const redis = path.join(engine.volumeData('trinity_redis-data'), 'told');
    expect(readFileSync(redis, 'utf8')).toBe('FLUSHALL\n');
    expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
    expect(await labelsOfVolumes(engine)).toEqual(labels);
    expect(await runStates(engine)).toEqual(states);
  });

  it('brings one agent back whose volumes and container are gone, and leaves the others', async () => {
    const lab = await backedUpMiniature(miniature);
    const states = await runStates(engine);
    const labels = await labelsOfVolumes(engine);
    const others = (await containerStates(engine))['agent-writer'];
    const volumes = ['agent-scout-workspace', 'agent-research-public'];
    await engine.client.getContainer('agent-research').remove({ force: true });
    for (const name of volumes) await engine.client.getVolume(name).remove();
    let found: readonly unknown[] | undefined;
    const request = { ...inPlace(lab.backupId, { agents: ['research'] }), safetyBackup: false };
    await restoreBackup(lab.context, request, quietly, {
      beforeStep: async (step) => {
        if (step === 'committed') found = await differences(lab, engine, volumes);
      },
    });
    expect(found).toEqual([]);
    expect(await labelsOfVolumes(engine)).toEqual(labels);
    expect(await runStates(engine)).toEqual(states);
    expect((await containerStates(engine))['agent-writer']).toEqual(others);
  });

  it('gives agents that were deleted, or purged, back to Trinity with their volumes', async () => {
    const lab = await backedUpMiniature(miniature);
    const { api } = miniature;
    const notes = async (agent: string): Promise<readonly string[]> => {
      const request = { ...inPlace(lab.backupId, { agents: [agent] }), safetyBackup: false };
      const outcome = await restoreBackup(lab.context, request, quietly);
      expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
      return outcome.notes.filter(({ code }) => code === 'agent-revived').map(({ message }) => message);
    };
    expect(await notes('echo')).toEqual([]);
    await api.call('DELETE', '/api/agents/echo');
    expect((await runStates(engine))['agent-echo']).toBeUndefined();
    expect(await notes('echo')).toEqual([expect.stringContaining('was recovered')]);
    expect((await runStates(engine))['agent-echo']).toBe('running unless-stopped');

    await purge(miniature, 'echo');
    expect(await notes('echo')).toEqual([expect.stringContaining('was created again')]);
    const { stdout } = await execIn(engine, 'agent-echo', ['cat', '/home/developer/CLAUDE.md']);
    expect(stdout).toContain('# echo');

    await engine.client.getContainer('agent-reader').remove({ force: true });
    await api.call('DELETE', '/api/agents/reader');
    await api.set({ mfa: true });
    await engine.client.getContainer('trinity-backend').restart({ t: 0 });
    await untilTrue('the backend is healthy', async () => await isHealthy(api.url));
    await api.set({ mfa: true });
    await expect(notes('reader')).rejects.toThrow('second factor');
  });

  it('takes an agent that was made again for it back, when it fails', async () => {
    await miniature.api.set({ mfa: false });
    const lab = await backedUpMiniature(miniature);
    const { dataFolder } = miniature;
    await purge(miniature, 'writer');
    const request = { ...inPlace(lab.backupId, { agents: ['writer'] }), safetyBackup: false };
    let states: Readonly<Record<string, string>> = {};
    const restored = restoreBackup(lab.context, request, quietly, {
      beforeStep: async (step) => {
        if (step !== 'staged') return;
        states = await runStates(engine);
        throw new Error('the test fails it');
      },
    });
    await expect(restored).rejects.toThrow('the test fails it');
    expect(states['agent-writer']).toBe('running unless-stopped');
    expect((await runStates(engine))['agent-writer']).toBeUndefined();
    expect(deletedAgents(dataFolder)).toContain('writer');
    expect(await readdir(path.join(lab.home, 'journals'))).toEqual([]);
    const again = await restoreBackup(lab.context, request, quietly);
    expect(again.notes.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('was recovered'),
    );
    expect((await runStates(engine))['agent-writer']).toBe('running unless-stopped');
  });

  it('takes it back at the next start after a kill, once the backend can be asked', async () => {
    const lab = await backedUpMiniature(miniature);
    const { folder, dataFolder, api } = miniature;
    const backend = engine.client.getContainer('trinity-backend');
    const begun = { restoreId: 'abcdef012345', backupId: lab.backupId, startedAt: new Date().toISOString() };
    const journal = await OpenJournal.begin(lab.home, begun);
    const agents = ['writer', 'never-made'].map((name) => ({
      host: `unix://${engine.socket}`,
      folder,
      name,
    }));
    await journal.update({ revivedAgents: agents });
    await journal[Symbol.asyncDispose]();
    await backend.stop({ t: 0 });
    const waiting = await recoverJournals(lab.home);
    expect(waiting).toMatchObject({ restores: [{ result: 'undone' }], leftovers: [{ result: 'failed' }] });
    expect(waiting.leftovers[0]?.message).toContain('writer, never-made');
    await backend.start();
    await untilTrue('the backend is healthy', async () => await isHealthy(api.url));
    expect((await recoverJournals(lab.home)).leftovers).toMatchObject([{ result: 'cleared' }]);
    expect(deletedAgents(dataFolder)).toContain('writer');
    expect((await runStates(engine))['agent-writer']).toBeUndefined();
    await api.call('POST', '/api/admin/soft-deleted/agents/writer/recover');
    await api.startAgent('writer');
  });

  it('saves what is younger than the database that goes back, also where no safety backup is wanted', async () => {
    await miniature.api.set({ mfa: false });
    const lab = await backedUpMiniature(miniature);
    const { status } = await miniature.api.call('POST', '/api/agents', { name: 'newbie' });
    expect(status).toBe(200);
    const newbie = engine.volumeData('agent-newbie-workspace');
    writeFileSync(path.join(newbie, 'younger'), 'younger');
    const request = { ...inPlace(lab.backupId, { only: ['persistence'] }), safetyBackup: false };
    const outcome = await restoreBackup(lab.context, request, quietly);
    expect(outcome.warnings.find(({ code }) => code === 'younger-volumes')?.message).toContain(
      'agent-newbie-workspace',
    );
    const { manifest } = await lab.context.vault.loadManifest(outcome.safetyBackupId ?? '');
    expect(manifest.sources).toMatchObject([{ volume: 'agent-newbie-workspace', state: 'complete' }]);
    expect((await runStates(engine))['agent-newbie']).toBe('running unless-stopped');

    // Trinity removes it once nobody mounts it; from the safety backup it comes back all the same, with its agent.
    await engine.client.getContainer('agent-newbie').remove({ force: true });
    await miniature.api.set({ sweep_seconds: 0.1, sweep_grace_seconds: 0 });
    await untilTrue('the sweep was here', async () => {
      const { Volumes } = await engine.client.listVolumes();
      return !Volumes.some(({ Name }) => Name === 'agent-newbie-workspace');
    });
    await miniature.api.set({ sweep_seconds: 0 });
    const back = inPlace(outcome.safetyBackupId ?? '', { agents: ['newbie'] });
    await restoreBackup(lab.context, { ...back, safetyBackup: false }, quietly);
    expect(readFileSync(path.join(newbie, 'younger'), 'utf8')).toBe('younger');
  });

  it('comes back on a second, empty engine, and runs there', async () => {
    const lab = await backedUpMiniature(miniature);
    const labels = await labelsOfVolumes(engine);
    const second = await secondEngine();
    const dockerHost = `unix://${second.socket}`;
    const folder = path.join(await realpath(await tempFolder()), 'trinity');
    const destination = { way: 'new-install', folder, dockerHost } as const;
    const request = { backupId: lab.backupId, destination, safetyBackup: false };
    const outcome = await restoreBackup(lab.context, request, quietly);
    expect(outcome).toMatchObject({ restartRequired: true });
    expect(await differences(lab, second)).toEqual([]);
    expect(await labelsOfVolumes(second)).toEqual(labels);
    expect(outcome.notes.find(({ code }) => code === 'next-step')?.message).toContain('research');

    const again = { ...request, destination: { ...destination, folder: `${folder}-2` } };
    await expect(restoreBackup(lab.context, again, quietly)).rejects.toMatchObject({ kind: 'refused' });

    await chmod(path.dirname(folder), 0o755);
    const { url } = await startPlatform({ engine: second, checkout: folder, flavour: 'prod' });
    const api = new TrinityApi(url, readEnv(folder).get('ADMIN_PASSWORD') ?? '');
    await api.startAgent('research');
    const { stdout } = await execIn(second, 'agent-research', ['cat', '/home/developer/CLAUDE.md']);
    expect(stdout).toContain('# scout');
  });
});

describe('a restore of a miniature whose data is in a volume', () => {
  let miniature: Miniature;
  beforeAll(async () => {
    miniature = await startMiniature({ engine, flavour: 'dev' });
  });
  afterAll(async () => await miniature.remove());

  it('has an empty engine make that volume, by the name and labels of compose', async () => {
    const lab = await backedUpMiniature(miniature);
    const second = await secondEngine();
    const folder = path.join(await realpath(await tempFolder()), 'elsewhere');
    const dockerHost = `unix://${second.socket}`;
    const destination = { way: 'new-install', folder, dockerHost } as const;
    await restoreBackup(lab.context, { backupId: lab.backupId, destination, safetyBackup: false }, quietly);
    const { Labels } = await second.client.getVolume(dataVolume).inspect();
    expect(Labels).toEqual({
      'com.docker.compose.project': 'trinity',
      'com.docker.compose.volume': 'trinity-data',
    });
    // The folder has another name than the project: without this compose would look for another volume.
    expect(readEnv(folder).get('COMPOSE_PROJECT_NAME')).toBe('trinity');
    const database = path.join(second.volumeData(dataVolume), 'trinity.db');
    expect(rowsOf(database)['agent_ownership']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ agent_name: 'research', volume_base_name: 'scout' }),
      ]),
    );
    const names = await readdir(second.volumeData(dataVolume));
    expect(names.filter((name) => name.startsWith('.trinity-backup'))).toEqual([]);
  });
});
