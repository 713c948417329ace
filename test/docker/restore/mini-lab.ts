import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import type { AccessPreference } from '../../../main/trinity/volumes/volume-access.ts';
import { createFolderStorage } from '../../../main/storage/folder-storage.ts';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import { compareTree } from '../../../main/vault/restore/compare-tree.ts';
import type { Engine } from '../../services/docker/engine.ts';
import { createVault } from '../../../main/vault/open-vault.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { Miniature } from '../../services/miniature/miniature.ts';
import { liveContext } from './live-context.ts';

export type MiniLab = Readonly<{
  context: ServiceContext;
  base: string;
  home: string;
  backupId: string;
  recoveryKey: string;
}>;

/** A vault and a home for a running miniature, in a folder of their own when none is named, and one complete backup of it. */
export async function backedUpMiniature(
  { engine, folder }: Miniature,
  volumeAccess?: AccessPreference,
  named?: string,
): Promise<MiniLab> {
  const base = named ?? (await realpath(await tempFolder()));
  const home = path.join(base, 'home');
  await mkdir(home, { mode: 0o700 });
  const recoveryKey = newRecoveryKey();
  const vault = await createVault({
    storage: await createFolderStorage(path.join(base, 'vault')),
    hostLockFolder: path.join(home, 'locks'),
    secrets: [{ kind: 'recovery', recoveryKey }],
    now: Date.now(),
    freeSpace: { shareOfTotal: 0, bytes: 0 },
  });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  const context = liveContext({
    folder,
    home,
    host: `unix://${engine.socket}`,
    vault,
    ...(volumeAccess === undefined ? {} : { volumeAccess }),
  });
  const made = await createBackup(context, { trigger: 'manual' }, quietly);
  expect(made).toMatchObject({ incomplete: false });
  return { context, base, home, backupId: made.backupId, recoveryKey };
}

export async function labelsOfVolumes(on: Engine): Promise<Readonly<Record<string, unknown>>> {
  const { Volumes } = await on.client.listVolumes();
  return Object.fromEntries(
    Volumes.filter(({ Name }) => Name.startsWith('agent-'))
      .map(({ Name, Labels, Driver }) => [Name, { Labels: Labels ?? {}, Driver }] as const)
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );
}

/** What of these live volumes, or of all, by the names they have now, is not as in the backup: names, content, modes, owners, times, links, attributes. */
export async function differences(
  { context, backupId }: MiniLab,
  on: Engine,
  volumes?: readonly string[],
  nameOf: (volume: string) => string = (volume) => volume,
): Promise<readonly unknown[]> {
  const { manifest } = await context.vault.loadManifest(backupId);
  await using reader = await context.vault.openReader('test');
  const found: unknown[] = [];
  for (const { component, volume, listing } of manifest.sources) {
    if (component !== 'memory' || listing === undefined || volumes?.includes(volume) === false) continue;
    const folder = on.volumeData(nameOf(volume));
    const different = await compareTree(await reader.openListing(listing), folder, {
      signal: quietly.signal,
    });
    found.push(...different.map((one) => ({ volume, ...one })));
  }
  return found;
}
