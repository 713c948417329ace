import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recoverJournals } from '../../../main/backup/restore/swap/recover-journals.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import type { RestoreRequest } from '../../../main/backup/services.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { containerStates, execIn } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { untilTrue } from '../../services/miniature/platform.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';
import { killRestore } from './killed-restore.ts';
import { backedUpMiniature, differences, labelsOfVolumes, type MiniLab } from './mini-lab.ts';

const engine = sharedEngine();
const volumesOf = {
  'agent-scout-workspace': 'agent-analyst-workspace',
  'agent-research-public': 'agent-analyst-public',
} as const;
const copied = { agent: 'research', name: 'analyst' } as const;

/** The agent that was renamed, and has public files. */
function asNew(backupId: string): RestoreRequest {
  const destination = { way: 'as', name: copied.name } as const;
  return { backupId, agents: [copied.agent], destination, safetyBackup: false };
}

async function wrongIn(lab: MiniLab): Promise<readonly unknown[]> {
  const names: Readonly<Record<string, string>> = volumesOf;
  return await differences(lab, engine, Object.keys(volumesOf), (volume) => names[volume] ?? volume);
}

describe('an agent of the running miniature under another name', () => {
  let miniature: Miniature;
  beforeAll(async () => {
    miniature = await startMiniature({ engine });
    // What nobody owns goes now, and not in the middle of a test.
    await sweep();
  });
  afterAll(async () => await miniature.remove());

  function rowsOf(sql: string): readonly unknown[] {
    const file = path.join(miniature.dataFolder, 'trinity.db');
    const database = new Database(file, { readonly: true, timeout: 30_000 });
    const rows = database.prepare(sql).all(copied.name);
    database.close();
    return rows;
  }

  const ownership = () => rowsOf('SELECT * FROM agent_ownership WHERE agent_name = ?');

  /** As if there had never been one. */
  async function removeCopy(): Promise<void> {
    const { client } = engine;
    const container = client.getContainer(`agent-${copied.name}`);
    await container.remove({ force: true }).catch(() => undefined);
    const database = new Database(path.join(miniature.dataFolder, 'trinity.db'), { timeout: 30_000 });
    database.prepare('DELETE FROM agent_ownership WHERE agent_name = ?').run(copied.name);
    database.close();
    for (const volume of Object.values(volumesOf)) await client.getVolume(volume).remove();
  }

  /** Trinity's sweep has been here three times, and has taken what nobody owns. */
  async function sweep(): Promise<void> {
    const bait = 'agent-bait-workspace';
    const labels = { 'trinity.platform': 'agent-workspace', 'trinity.agent-name': 'bait' };
    await engine.client.createVolume({ Name: bait, Labels: labels });
    await miniature.api.set({ sweep_seconds: 0.1, sweep_grace_seconds: -5 });
    await untilTrue('the sweep was here', async () => {
      const { Volumes } = await engine.client.listVolumes();
      return !Volumes.some(({ Name }) => Name === bait);
    });
    await miniature.api.set({ sweep_seconds: 0 });
  }

  it.each(['auto', 'helper'] as const)(
    'is one that Trinity lists and runs, with the files of the backup, while nobody else notices (volumes: %s)',
    async (access) => {
      const lab = await backedUpMiniature(miniature, access);
      onTestFinished(removeCopy);
      const states = await containerStates(engine);
      const labels = await labelsOfVolumes(engine);
      let wrong: readonly unknown[] | undefined;
      const outcome = await restoreBackup(lab.context, asNew(lab.backupId), quietly, {
        beforeStep: async (step) => {
          // Its volumes are there, and its row does not live yet.
          if (step === 'staged') await sweep();
          if (step === 'show') wrong = await wrongIn(lab);
        },
      });
      expect(wrong).toEqual([]);
      expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
      const { body } = await miniature.api.call('GET', '/api/agents');
      expect(body).toContainEqual({ name: 'analyst', status: 'running', type: 'agent' });
      const { 'agent-analyst': analyst, ...others } = await containerStates(engine);
      expect(others).toEqual(states);
      expect(analyst).toMatchObject({ state: 'running' });
      const {
        'agent-analyst-workspace': workspace,
        'agent-analyst-public': shared,
        ...rest
      } = await labelsOfVolumes(engine);
      expect(rest).toEqual(labels);
      expect([workspace, shared].map((one) => Object(one).Labels)).toEqual([
        { 'trinity.platform': 'agent-workspace', 'trinity.agent-name': 'analyst' },
        { 'trinity.platform': 'agent-public', 'trinity.agent-name': 'analyst' },
      ]);
      const look = ['sh', '-c', 'cat /home/developer/CLAUDE.md; ls /home/developer/public'];
      const { stdout } = await execIn(engine, 'agent-analyst', look);
      expect(stdout).toMatch(/# scout[^]*ledger-research\.db/u);
      expect(ownership()).toMatchObject([{ deleted_at: null, volume_base_name: 'analyst', is_system: 0 }]);
      expect(rowsOf('SELECT * FROM agent_schedules WHERE agent_name = ?')).toEqual([]);
      await sweep();
      expect(Object.keys(await labelsOfVolumes(engine))).toContain('agent-analyst-workspace');
    },
  );

  it('is nowhere when its restore fails, and its name is free', async () => {
    const lab = await backedUpMiniature(miniature);
    const states = await containerStates(engine);
    const labels = await labelsOfVolumes(engine);
    const failing = restoreBackup(lab.context, asNew(lab.backupId), quietly, {
      beforeStep: (step) => {
        if (step === 'commit') throw new Error('the test fails it');
      },
    });
    await expect(failing).rejects.toThrow('the test fails it');
    expect(ownership()).toEqual([]);
    expect(await labelsOfVolumes(engine)).toEqual(labels);
    expect(await containerStates(engine)).toEqual(states);
    onTestFinished(removeCopy);
    await miniature.api.set({ refuse: 'no memory left' });
    const outcome = await restoreBackup(lab.context, asNew(lab.backupId), quietly);
    await miniature.api.set({ refuse: null });
    expect(outcome.warnings.find(({ code }) => code === 'agent-not-started')?.message).toMatch(
      /analyst is restored, but does not run yet: .* Start it in Trinity/u,
    );
    await miniature.api.startAgent('analyst');
  });

  it('is undone by the next start after a kill, or finished once all is there', async () => {
    const base = path.dirname(miniature.folder);
    const lab = await backedUpMiniature(miniature, 'auto', base);
    const states = await containerStates(engine);
    const labels = await labelsOfVolumes(engine);
    const kill = async (step: string, access: 'auto' | 'helper' = 'auto'): Promise<void> => {
      const killing = { at: { step }, victims: 'process', copied, access } as const;
      await killRestore({ ...lab, engine }, lab.backupId, killing);
    };
    const kills = [
      ['reserved', 'auto'],
      ['staged', 'auto'],
      ['move-1', 'auto'],
      ['commit', 'auto'],
      ['staged', 'helper'],
      ['helper-1', 'helper'],
    ] as const;
    for (const [step, access] of kills) {
      await kill(step, access);
      // As a deleted agent, at most: nobody can start it.
      expect(ownership()).toMatchObject([{ deleted_at: expect.stringMatching(/Z$/u) }]);
      expect((await recoverJournals(lab.home)).restores).toMatchObject([{ result: 'undone' }]);
      expect({ step, rows: ownership() }).toEqual({ step, rows: [] });
      expect(await labelsOfVolumes(engine)).toEqual(labels);
    }
    await kill('committed');
    expect((await recoverJournals(lab.home)).restores).toMatchObject([{ result: 'finished' }]);
    onTestFinished(removeCopy);
    expect(ownership()).toMatchObject([{ deleted_at: null }]);
    expect(await wrongIn(lab)).toEqual([]);
    expect(await containerStates(engine)).toEqual(states);
    await miniature.api.startAgent('analyst');
    expect((await containerStates(engine))['agent-analyst']).toMatchObject({ state: 'running' });
  });
});
