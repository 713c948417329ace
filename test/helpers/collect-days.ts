import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { collectVault } from '../../main/backup/collect-service.ts';
import { deleteBackup, undeleteBackup } from '../../main/backup/keep-backups.ts';
import { createBackup } from '../../main/backup/run/backup-service.ts';
import { verifyVault } from '../../main/backup/verify-service.ts';
import type { Storage } from '../../main/storage/storage.ts';
import { createVault } from '../../main/vault/open-vault.ts';
import type { CollectResult } from '../../main/vault/upkeep/collect.ts';
import { contextOf } from './tiny-context.ts';
import { quietly, tinyInstall, volumeData } from './tiny-install.ts';

const hourMs = 3_600_000;

export type ShiftedStorage = Readonly<{
  storage: Storage;
  /** Sets the clock of the storage so far ahead. */
  shift: (ms: number) => void;
}>;

/**
 * Lets a backup go and collects over some days of the storage's clock: what went can come back until its time is over, and packs that
 * nobody needs are deleted by a later run, a day after they were marked; what is needed is whole all the while.
 */
export async function collectsOverDays({ storage, shift }: ShiftedStorage): Promise<void> {
  const tiny = await tinyInstall();
  const vault = await createVault({
    storage,
    hostLockFolder: path.join(tiny.home, 'locks'),
    secrets: [{ kind: 'recovery', recoveryKey: tiny.recoveryKey }],
    now: Date.now(),
    freeSpace: { shareOfTotal: 0, bytes: 0 },
  });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const pass = (ms: number): void => shift((aheadMs += ms));
  const context = contextOf({ ...tiny, vault }, { now, settings: { trashDays: 2 } });
  const backUp = async (): Promise<string> =>
    (await createBackup(context, { trigger: 'manual' }, quietly)).backupId;
  const collect = async (): Promise<CollectResult> => await collectVault(vault, now, quietly);

  // Most of what the first backup stores no other needs.
  writeFileSync(path.join(volumeData(tiny, 'agent-echo-workspace'), 'once'), randomBytes(3_000_000));
  const first = await backUp();
  writeFileSync(path.join(volumeData(tiny, 'agent-echo-workspace'), 'once'), 'of the second');
  const second = await backUp();
  await deleteBackup(context, first, quietly);
  expect(await collect()).toMatchObject({ purgedBackups: [], deletedPacks: 0, doomedPacks: 0 });
  pass(40 * hourMs);
  await undeleteBackup(context, first, quietly);
  expect((await vault.listManifests()).manifests.map(({ state }) => state)).toEqual(['live', 'live']);
  await deleteBackup(context, first, quietly);
  pass(49 * hourMs);
  const marked = await collect();
  expect(marked).toMatchObject({ purgedBackups: [first], deletedPacks: 0 });
  expect(marked.doomedPacks).toBeGreaterThan(0);
  pass(23 * hourMs);
  const waits = await collect();
  expect(waits.deletedPacks).toBe(0);
  pass(25 * hourMs);
  expect((await collect()).deletedPacks).toBeGreaterThan(0);
  const { manifests } = await vault.listManifests();
  expect(manifests.map(({ manifest, state }) => [manifest.backupId, state])).toEqual([[second, 'live']]);
  expect(await verifyVault(context, { data: 'full' }, quietly)).toMatchObject({ ok: true, damaged: [] });
}
