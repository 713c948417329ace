import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createBackup } from '../../../main/backup/backup-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import { createFolderStorage } from '../../../main/storage/folder-storage.ts';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import { createVault } from '../../../main/vault/open-vault.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { Miniature } from '../../services/miniature/miniature.ts';
import { liveContext } from './live-context.ts';

export type MiniLab = Readonly<{ context: ServiceContext; home: string; backupId: string }>;

/** A vault and a home for a running miniature, and one complete backup of it. */
export async function backedUpMiniature({ engine, folder }: Miniature): Promise<MiniLab> {
  const base = await realpath(await tempFolder());
  const home = path.join(base, 'home');
  await mkdir(home, { mode: 0o700 });
  const vault = await createVault({
    storage: await createFolderStorage(path.join(base, 'vault')),
    hostLockFolder: path.join(home, 'locks'),
    secrets: [{ kind: 'recovery', recoveryKey: newRecoveryKey() }],
    now: Date.now(),
    freeSpace: { shareOfTotal: 0, bytes: 0 },
  });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  const context = liveContext({ folder, home, host: `unix://${engine.socket}`, vault });
  const made = await createBackup(context, { trigger: 'manual' }, quietly);
  expect(made).toMatchObject({ incomplete: false });
  return { context, home, backupId: made.backupId };
}
