import { realpath } from 'node:fs/promises';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RestoreOutcome } from '../../../main/backup/services.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { writeFidelityTree } from '../../helpers/fidelity-tree.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly, rowsOf } from '../../helpers/tiny-install.ts';
import { runStates } from '../../services/docker/containers.ts';
import type { Engine } from '../../services/docker/engine.ts';
import { ensureAgentImage } from '../../services/docker/images.ts';
import { dataVolume } from '../../services/miniature/checkout.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';
import {
  agentNames,
  removeTrinity,
  startMiniature,
  type Miniature,
} from '../../services/miniature/miniature.ts';
import { backedUpLab, leftovers } from './live-lab.ts';
import { backedUpMiniature, differences, labelsOfVolumes, type MiniLab } from './mini-lab.ts';

const engine = sharedEngine();

describe('a restore into volumes that only helpers write', () => {
  let miniature: Miniature;
  beforeAll(async () => {
    miniature = await startMiniature({ engine, flavour: 'dev' });
  });
  afterAll(async () => await miniature.remove());

  it('brings everything back after all volumes, containers of agents and the database are gone', async () => {
    const lab = await backedUpMiniature(miniature, 'helper');
    const { dataFolder } = miniature;
    const states = await runStates(engine);
    const labels = await labelsOfVolumes(engine);
    for (const agent of agentNames.filter((name) => !name.startsWith('ghost')))
      await engine.client.getContainer(`agent-${agent}`).remove({ force: true });
    for (const name of Object.keys(labels)) await engine.client.getVolume(name).remove();
    rmSync(path.join(dataFolder, 'trinity.db'));
    rmSync(path.join(dataFolder, 'avatars'), { recursive: true });
    let found: readonly unknown[] | undefined;
    const request = { ...inPlace(lab.backupId), safetyBackup: false };
    const outcome = await restoreBackup(lab.context, request, quietly, {
      beforeStep: async (step) => {
        if (step === 'cleared') found = await differences(lab, engine);
      },
    });
    expect(found).toEqual([]);
    expect(outcome).toMatchObject({ restartRequired: false });
    expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
    expect(await labelsOfVolumes(engine)).toEqual(labels);
    expect(await runStates(engine)).toEqual(states);
    expect(readdirSync(dataFolder).filter((name) => name.startsWith('.trinity-backup'))).toEqual([]);
    expect(readdirSync(path.join(dataFolder, 'avatars')).length).toBeGreaterThan(0);
  });

  it('brings back one agent, or one file of it, and leaves all else', async () => {
    const lab = await backedUpMiniature(miniature, 'helper');
    const states = await runStates(engine);
    const file = (volume: string, name: string): string => path.join(engine.volumeData(volume), name);
    const [echo, writer] = ['agent-echo-workspace', 'agent-writer-workspace'];
    const was = readFileSync(file(echo, 'CLAUDE.md'), 'utf8');
    for (const volume of [echo, writer]) writeFileSync(file(volume, 'CLAUDE.md'), 'changed');
    writeFileSync(file(echo, 'younger'), 'younger');
    const paths = [`memory/${echo}/CLAUDE.md`];
    await restoreBackup(lab.context, inPlace(lab.backupId, { paths }), quietly);
    expect(readFileSync(file(echo, 'CLAUDE.md'), 'utf8')).toBe(was);
    expect(readFileSync(file(echo, 'younger'), 'utf8')).toBe('younger');
    const outcome = await restoreBackup(lab.context, inPlace(lab.backupId, { agents: ['echo'] }), quietly);
    expect(outcome.safetyBackupId).not.toBeNull();
    expect(readdirSync(engine.volumeData(echo))).not.toContain('younger');
    expect(readFileSync(file(writer, 'CLAUDE.md'), 'utf8')).toBe('changed');
    expect(await runStates(engine)).toEqual(states);
  });
});

describe('an empty engine whose volumes only containers write', () => {
  const restoreOnto = async (lab: MiniLab, second: Engine): Promise<RestoreOutcome> => {
    const folder = path.join(await realpath(await tempFolder()), 'trinity');
    const dockerHost = `unix://${second.socket}`;
    const destination = { way: 'new-install', folder, dockerHost } as const;
    return await restoreBackup(
      lab.context,
      { backupId: lab.backupId, destination, safetyBackup: false },
      quietly,
    );
  };

  it('gets all of it, by archives as long as it has no image, and by helpers else', async () => {
    await using miniature = await startMiniature({ engine, flavour: 'dev' });
    const fidelity = path.join(engine.volumeData('agent-lost-workspace'), 'fidelity');
    await writeFidelityTree(fidelity);
    rmSync(path.join(fidelity, 'sparse'));
    const lab = await backedUpMiniature(miniature, 'helper');
    const second = await secondEngine();
    const outcome = await restoreOnto(lab, second);
    expect(outcome.warnings.map(({ code }) => code).filter((code) => code !== 'special-file')).toEqual([
      'holes-filled',
      'time-not-kept',
    ]);
    const found = await differences(lab, second);
    expect(found.map((one) => z.object({ path: z.string() }).parse(one).path)).toEqual([
      'fidelity/at-before',
    ]);
    expect(await labelsOfVolumes(second)).toEqual(await labelsOfVolumes(engine));
    const rows = rowsOf(path.join(second.volumeData(dataVolume), 'trinity.db'));
    expect(rows['agent_ownership']).toContainEqual(expect.objectContaining({ agent_name: 'research' }));
    expect(await second.client.listImages({ all: true })).toEqual([]);
    expect(await second.client.listContainers({ all: true })).toEqual([]);
    await removeTrinity(second);
    await ensureAgentImage(second);
    await restoreOnto(lab, second);
    expect(await differences(lab, second)).toEqual([]);
    expect(await labelsOfVolumes(second)).toEqual(await labelsOfVolumes(engine));
    expect(readdirSync(second.volumeData(dataVolume)).filter((name) => name.startsWith('.trinity'))).toEqual(
      [],
    );
  });
});

describe('a restore by helpers that fails', () => {
  it('leaves everything as it was, running, and nothing of its own, at whichever step', async () => {
    const { lab, backupId } = await backedUpLab(undefined, 'helper');
    const before = await lab.states();
    for (const deadly of ['staged', 'prepared', 'helper-1', 'commit']) {
      const failing = restoreBackup(lab.context, { ...inPlace(backupId), safetyBackup: false }, quietly, {
        beforeStep: (step) => {
          if (step === deadly) throw new Error('fails here');
        },
      });
      await expect(failing).rejects.toThrow('fails here');
      expect({ deadly, live: lab.generations() }).toEqual({ deadly, live: ['new', 'new', 'new'] });
      expect({ deadly, states: await lab.states() }).toEqual({ deadly, states: before });
      expect({ deadly, left: await leftovers(lab) }).toEqual({ deadly, left: [] });
    }
    expect(lab.starts()).not.toMatch(/old new|new old/u);
  });
});
