import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverJournals } from '../../../main/backup/restore/swap/recover-journals.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';

import { echoVolume as echo, inPlace } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { containerStates } from '../../services/docker/containers.ts';
import { secondEngine } from '../../services/docker/test-engine.ts';
import { backedUpLab, leftovers, scoutVolume, startContainer } from './live-lab.ts';

const allOld = ['old', 'old', 'old'];
const allNew = ['new', 'new', 'new'];

describe('a restore in place of a running install', () => {
  it('stops who uses what is swapped, and brings each back as it was, on the restored data', async () => {
    const { lab, backupId } = await backedUpLab();
    const before = await lab.states();
    const ids = await containerStates(lab.engine);
    const looked = lab.starts();
    const outcome = await restoreBackup(lab.context, inPlace(backupId), quietly);
    expect(outcome).toMatchObject({ warnings: [], restartRequired: true });
    expect(lab.generations()).toEqual(allOld);
    expect(await lab.states()).toEqual(before);
    const after = await containerStates(lab.engine);
    expect(after['bystander']).toEqual(ids['bystander']);
    expect(after['agent-stopped']).toEqual(ids['agent-stopped']);
    // They run before they have looked.
    const looks = () => lab.starts().slice(looked.length).trim().split('\n').toSorted();
    await expect.poll(looks).toEqual(['old', 'old old']);
    expect(await leftovers(lab)).toEqual([]);
  });

  it('touches one agent alone, by its name, and leaves Trinity running', async () => {
    const { lab, backupId } = await backedUpLab();
    const ids = await containerStates(lab.engine);
    const request = inPlace(backupId, { agents: ['research'] });
    expect(await restoreBackup(lab.context, request, quietly)).toMatchObject({
      restored: [`memory/${scoutVolume}`],
    });
    expect(lab.generations()).toEqual(['new', 'old', 'new']);
    const after = await containerStates(lab.engine);
    expect(after['trinity-scheduler']).toEqual(ids['trinity-scheduler']);
    expect(after['agent-echo']?.startedAt).not.toEqual(ids['agent-echo']?.startedAt);
  });

  it('puts everything back when a step fails, and starts what it had stopped', async () => {
    const { lab, backupId } = await backedUpLab();
    const before = await lab.states();
    for (const deadly of ['stopped', 'saved', 'move-1', 'sync', 'commit']) {
      const failing = restoreBackup(lab.context, { ...inPlace(backupId), safetyBackup: false }, quietly, {
        beforeStep: (step) => {
          if (step === deadly) throw new Error('fails here');
        },
      });
      await expect(failing).rejects.toThrow('fails here');
      expect({ deadly, live: lab.generations() }).toEqual({ deadly, live: allNew });
      expect({ deadly, states: await lab.states() }).toEqual({ deadly, states: before });
      expect(await leftovers(lab)).toEqual([]);
    }
    expect(lab.starts()).not.toMatch(/old new|new old/u);
  });

  it('is undone when somebody starts an agent in the middle of the swap', async () => {
    const { lab, backupId } = await backedUpLab();
    const before = await lab.states();
    const failing = restoreBackup(lab.context, { ...inPlace(backupId), safetyBackup: false }, quietly, {
      beforeStep: async (step) => {
        if (step === 'commit') await lab.engine.client.getContainer('agent-echo').start();
      },
    });
    await expect(failing).rejects.toThrow('Somebody started agent-echo in the middle of the restore');
    expect(lab.generations()).toEqual(allNew);
    expect(await lab.states()).toEqual(before);
  });

  it('has the engine make volumes that are gone, with their labels, and not keep them when it fails', async () => {
    const { lab, backupId } = await backedUpLab();
    const { client } = lab.engine;
    for (const name of ['agent-echo', 'agent-paused', 'agent-stopped'])
      await client.getContainer(name).remove({ force: true });
    const labels = (await client.getVolume(echo).inspect()).Labels;
    await client.getVolume(echo).remove();
    const request = { ...inPlace(backupId), safetyBackup: false };
    const failing = restoreBackup(lab.context, request, quietly, {
      beforeStep: (step) => {
        if (step === 'commit') throw new Error('fails here');
      },
    });
    await expect(failing).rejects.toThrow('fails here');
    await expect(client.getVolume(echo).inspect()).rejects.toMatchObject({ statusCode: 404 });
    await restoreBackup(lab.context, request, quietly);
    expect((await client.getVolume(echo).inspect()).Labels).toEqual(labels);
    expect(lab.generations()).toEqual(allOld);
  });

  it('stops a container that is no agent too, says so, and refuses one that would vanish', async () => {
    const { lab, backupId } = await backedUpLab();
    const log = path.join(lab.base, 'log');
    await startContainer(lab.engine, { name: 'indexer', binds: [`${echo}:/echo:ro`], log });
    const before = await lab.states();
    const outcome = await restoreBackup(lab.context, inPlace(backupId, { agents: ['echo'] }), quietly);
    expect(outcome.notes).toContainEqual(expect.objectContaining({ code: 'others-stopped' }));
    expect(await lab.states()).toEqual(before);
    const vanishing = await lab.engine.client.createContainer({
      name: 'vanishing',
      Image: 'trinity-busybox:latest',
      Cmd: ['sleep', '1000'],
      HostConfig: { Binds: [`${echo}:/echo`], AutoRemove: true, NetworkMode: 'none' },
    });
    await vanishing.start();
    try {
      const refused = restoreBackup(lab.context, inPlace(backupId, { agents: ['echo'] }), quietly);
      await expect(refused).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('vanishing'),
      });
      expect((await vanishing.inspect()).State.Running).toBe(true);
    } finally {
      await vanishing.remove({ force: true });
    }
  });

  it('goes on without a container that somebody removes meanwhile, and says so', async () => {
    const { lab, backupId } = await backedUpLab();
    const { 'agent-echo': removed, ...others } = await lab.states();
    const outcome = await restoreBackup(lab.context, { ...inPlace(backupId), safetyBackup: false }, quietly, {
      beforeStep: async (step) => {
        if (step === 'saved') await lab.engine.client.getContainer('agent-echo').remove({ force: true });
      },
    });
    expect(removed).toBe('running unless-stopped');
    expect(outcome.notes).toContainEqual(expect.objectContaining({ code: 'container-removed' }));
    expect(lab.generations()).toEqual(allOld);
    expect(await lab.states()).toEqual(others);
  });

  it('is undone when the engine goes away, and the containers come back with it', async () => {
    const engine = await secondEngine();
    const { lab, backupId } = await backedUpLab(engine);
    const before = await lab.states();
    const failing = restoreBackup(lab.context, { ...inPlace(backupId), safetyBackup: false }, quietly, {
      beforeStep: async (step) => {
        if (step === 'saved') await engine.stop();
      },
    });
    await expect(failing).rejects.toThrow('docker start');
    expect(lab.generations()).toEqual(allNew);
    await engine.start();
    await recoverJournals(lab.home);
    await expect.poll(async () => await lab.states()).toEqual(before);
  });
});
