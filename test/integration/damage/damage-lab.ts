import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { collectGarbage } from '../../../main/backup/collect-service.ts';
import { deleteBackup, setPinned } from '../../../main/backup/keep-backups.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import type { RestoreRequest, ServiceContext, VerifyOutcome } from '../../../main/backup/services.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { openFolderStorage } from '../../../main/storage/folder-storage.ts';
import { packName } from '../../../main/vault/chunks/pack-footer.ts';
import { openVault } from '../../../main/vault/open-vault.ts';
import { loadDoomed } from '../../../main/vault/upkeep/doomed-packs.ts';
import { noise } from '../../helpers/packed-chunks.ts';
import { storeInRun } from '../../helpers/test-vault.ts';
import { contextOf } from '../../helpers/tiny-context.ts';
import { quietly, tinyInstall, volumeData } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import type { TreeSnapshot } from '../../helpers/tree-snapshot.ts';

export type DamageLab = Readonly<{
  tiny: TinyInstall;
  /** Two backups, oldest first; some files of the first are gone. */
  backupIds: readonly [string, string];
  /** What a whole restore of each of them writes. */
  expected: ReadonlyMap<string, TreeSnapshot>;
  /** Name of the pack that no backup needs and that is marked to be deleted: that it is gone is no damage. */
  doomed: string;
  saved: string;
}>;

/** Files are read again by the next backup while their times are younger than this. */
const racyMs = 2100;

/**
 * A vault with every type of object, and what its backups hold. In a settled one, a further backup finds its sources unchanged and
 * makes the very listings of the last.
 */
export async function damageLab({ settled = false } = {}): Promise<DamageLab> {
  const tiny = await tinyInstall();
  const { context } = tiny;
  if (settled) await delay(racyMs);
  const first = await backUp(context);
  const doomed = await collectLeftover(tiny);
  writeFileSync(path.join(volumeData(tiny, 'agent-echo-workspace'), 'CLAUDE.md'), 'changed');
  rmSync(path.join(tiny.data, 'avatars/echo.webp'));
  if (settled) await delay(racyMs);
  const trashed = await backUp(context);
  await deleteBackup(context, trashed, quietly);
  const second = await backUp(context);
  await setPinned(context, first, true);
  const expected = new Map<string, TreeSnapshot>();
  for (const id of [first, second]) {
    const folder = path.join(tiny.base, `expected-${id}`);
    await restoreBackup(context, toFolder(id, folder), quietly);
    expected.set(id, writtenTree(folder));
  }
  // Nobody reads it, and every reset would copy it.
  truncateSync(path.join(tiny.vaultFolder, 'reserve'), 0);
  const saved = path.join(tiny.base, 'saved');
  copyTree(tiny.vaultFolder, saved);
  return { tiny, backupIds: [first, second], expected, doomed, saved };
}

async function backUp(context: ServiceContext): Promise<string> {
  return (await createBackup(context, { trigger: 'manual' }, quietly)).backupId;
}

/** A pack that no backup needs, marked to be deleted. */
async function collectLeftover({ context, vault }: TinyInstall): Promise<string> {
  await storeInRun(vault, [noise(5000, 1)]);
  await collectGarbage(context, quietly);
  const [packId = ''] = (await loadDoomed(vault.storage, vault.objectKeys)).doomedAtMs.keys();
  return packName(packId);
}

/** Puts the vault back to what it was. */
export function mend({ tiny, saved }: DamageLab): void {
  rmSync(tiny.vaultFolder, { recursive: true, force: true });
  copyTree(saved, tiny.vaultFolder);
}

function copyTree(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}

/** The services on the vault as a new process would open it. */
export async function reopened(lab: DamageLab): Promise<ServiceContext> {
  const { tiny } = lab;
  const vault = await openVault({
    storage: await openFolderStorage(tiny.vaultFolder, { reserveBytes: 0 }),
    hostLockFolder: path.join(tiny.home, 'locks'),
    secret: { kind: 'recovery', recoveryKey: tiny.recoveryKey },
    freeSpace: { shareOfTotal: 0, bytes: 0 },
  });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  return contextOf({ ...tiny, vault });
}

export async function verify(
  context: ServiceContext,
  data: 'none' | 'sample' | 'full' = 'full',
): Promise<VerifyOutcome> {
  return await verifyVault(context, { data }, quietly);
}

/** What a restore to a folder has written, less the folders that are of no source and the times of database copies. */
export function writtenTree(folder: string): TreeSnapshot {
  const tree = Object.entries(snapshotTree(folder)).filter(([name]) => name !== '' && name !== 'memory');
  const timeless = (name: string, what: string): string =>
    name.startsWith('persistence') ? what.replace(/ [0-9]+$/u, '') : what;
  return Object.fromEntries(tree.map(([name, what]) => [name, timeless(name, what)]));
}

export function toFolder(
  backupId: string,
  folder: string,
  more: Partial<RestoreRequest> = {},
): RestoreRequest {
  return { backupId, destination: { way: 'to', folder }, safetyBackup: true, ...more };
}

/** Names of all objects that say something: not the reserve, and no leases. */
export function objectNames({ tiny }: Pick<DamageLab, 'tiny'>): readonly string[] {
  return readdirSync(tiny.vaultFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(tiny.vaultFolder, name)).isFile() && name !== 'reserve')
    .toSorted();
}

export function objectFile({ tiny }: Pick<DamageLab, 'tiny'>, name: string): string {
  return path.join(tiny.vaultFolder, name);
}

export function objectBytes(lab: Pick<DamageLab, 'tiny'>, name: string): Buffer {
  return readFileSync(objectFile(lab, name));
}

/** Changes one bit of the byte at `place`. */
export function flip(lab: Pick<DamageLab, 'tiny'>, name: string, place: number): void {
  const bytes = objectBytes(lab, name);
  bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << (place % 8)), place);
  writeFileSync(objectFile(lab, name), bytes);
}
