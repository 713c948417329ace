import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../main/backup/restore-service.ts';
import { compareTree } from '../../../main/vault/restore/compare-tree.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { runStates } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { agentNames, startMiniature, type Miniature } from '../../services/miniature/miniature.ts';
import { backedUpMiniature, type MiniLab } from './mini-lab.ts';

const engine = sharedEngine();
const isBuilt = (name: string): boolean => name !== 'ghost-1a2b3c4d';

async function labelsOfVolumes(): Promise<Readonly<Record<string, unknown>>> {
  const { Volumes } = await engine.client.listVolumes();
  return Object.fromEntries(
    Volumes.filter(({ Name }) => Name.startsWith('agent-'))
      .map(({ Name, Labels, Driver }) => [Name, { Labels: Labels ?? {}, Driver }] as const)
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );
}

/** What of the live volumes is not as in the backup: names, content, modes, owners, times, links, attributes. */
async function differences({ context, backupId }: MiniLab): Promise<readonly unknown[]> {
  const { manifest } = await context.vault.loadManifest(backupId);
  await using reader = await context.vault.openReader('test');
  const found: unknown[] = [];
  for (const { component, volume, listing } of manifest.sources) {
    if (component !== 'memory' || listing === undefined) continue;
    const folder = engine.volumeData(volume);
    const different = await compareTree(await reader.openListing(listing), folder, {
      signal: quietly.signal,
    });
    found.push(...different.map((one) => ({ volume, ...one })));
  }
  return found;
}

describe('a restore of the running miniature', () => {
  let miniature: Miniature;
  beforeAll(async () => {
    miniature = await startMiniature({ engine });
  });
  afterAll(async () => await miniature.remove());

  it('brings everything back after all volumes, containers of agents and the database are gone', async () => {
    const lab = await backedUpMiniature(miniature);
    const states = await runStates(engine);
    const labels = await labelsOfVolumes();
    for (const agent of agentNames.filter(isBuilt))
      await engine.client.getContainer(`agent-${agent}`).remove({ force: true });
    for (const name of Object.keys(labels)) await engine.client.getVolume(name).remove();
    await rm(path.join(miniature.dataFolder, 'trinity.db'));
    await rm(path.join(miniature.dataFolder, 'avatars'), { recursive: true });
    let found: readonly unknown[] | undefined;
    const request = { ...inPlace(lab.backupId), safetyBackup: false };
    const outcome = await restoreBackup(lab.context, request, quietly, {
      beforeStep: async (step) => {
        if (step === 'committed') found = await differences(lab);
      },
    });
    expect(found).toEqual([]);
    expect(outcome).toMatchObject({ restartRequired: false });
    expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
    expect(await labelsOfVolumes()).toEqual(labels);
    expect(await runStates(engine)).toEqual(states);
  });
});
