import { existsSync } from 'node:fs';
import { rm, rmdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import { assertVaultApart } from '../../backup/apart.ts';
import { requireForLocation } from '../../backup/entitlements/off-host.ts';
import { type Location, parseLocation } from '../../storage/location.ts';
import { type S3Credentials, s3Credentials } from '../../../shared/model/s3-credentials.ts';
import { readInstall } from '../../trinity/read-install.ts';
import { usualFreeSpace } from '../../vault/chunks/pack-writes.ts';
import { assertNewPassphrase } from '../../vault/keys/passphrase.ts';
import { newRecoveryKey } from '../../vault/keys/recovery-key.ts';
import type { SlotSecret } from '../../vault/keys/slot-secret.ts';
import { createVault } from '../../vault/open-vault.ts';
import type { Engine } from '../engine.ts';
import { ensureDeviceKey } from '../home/device-key.ts';
import { hostLockFolder } from '../home/home-vault.ts';
import { operation } from '../operation.ts';
import { setUp } from '../settings/set-up.ts';

export type InitResult = Readonly<{
  vaultId: string;
  location: string;
  /** Shown this once, stored nowhere. */
  recoveryKey: string;
  keys: readonly SlotSecret['kind'][];
  warnings: readonly Finding[];
}>;

/** Makes a vault, with a recovery key, the device key of this home and, when given, a passphrase. */
export const init = operation(
  z.strictObject({
    location: z.string().max(4096),
    passphrase: z.string().max(10_000).optional(),
    /** For S3; kept, sealed, for all later runs of this home. */
    credentials: s3Credentials.optional(),
  }),
  async (engine, { location: text, passphrase, credentials }, options): Promise<InitResult> =>
    await engine.exclusively('change', options, async () => {
      if (passphrase !== undefined) assertNewPassphrase(passphrase);
      const location = parseLocation(text);
      requireForLocation(engine.entitlements, location);
      const { settings } = await engine.settings.read();
      if (location.kind === 'folder') {
        assertNotAway(location.path, settings);
        await assertApart(location.path, settings);
      }
      const recoveryKey = newRecoveryKey();
      const deviceKey = await ensureDeviceKey(engine.home);
      const secrets: SlotSecret[] = [
        { kind: 'recovery', recoveryKey },
        ...(passphrase === undefined ? [] : [{ kind: 'passphrase', passphrase } as const]),
        { kind: 'device', deviceKey },
      ];
      const made = await makeVault(engine, { location, credentials, secrets });
      await engine.storages.keep(location, credentials);
      await engine.settings.change((before) =>
        setUp(before, { vault: { path: made.location, vaultId: made.vaultId } }),
      );
      engine.forgetVault();
      return {
        ...made,
        recoveryKey,
        keys: secrets.map(({ kind }) => kind),
        warnings: await warningsOf(made, settings),
      };
    }),
);

/** Where the disk of this home's vault is not mounted, a second vault on its mount point would hide the first from the operator. */
function assertNotAway(folder: string, { backup }: HomeSettings): void {
  const isKnown = backup.path !== undefined && path.resolve(folder) === path.resolve(backup.path);
  if (!isKnown || existsSync(path.join(folder, 'vault.json'))) return;
  throw new AppError(
    'unavailable',
    `The vault of this home lies at ${folder}, which is empty or not there now. Mount its disk, or make another vault elsewhere.`,
  );
}

/** Also when the install cannot be read just now: the folders it was set with are known. */
async function assertApart(folder: string, { install, backup }: HomeSettings): Promise<void> {
  if (install === undefined) return;
  const { folder: checkout, volumesRoot } = install;
  const read = await readInstall(install).catch(() => undefined); // what cannot be read is judged by what is known of it
  const dataFolder = read?.dataFolder ?? checkout;
  await assertVaultApart(
    { isLocal: true, location: folder },
    { folder: checkout, dataFolder, volumesRoot },
    backup,
  );
}

type Made = Pick<InitResult, 'vaultId' | 'location'>;

type Making = Readonly<{
  location: Location;
  credentials: S3Credentials | undefined;
  secrets: readonly SlotSecret[];
}>;

async function makeVault(engine: Engine, { location, credentials, secrets }: Making): Promise<Made> {
  const wasThere = location.kind === 'folder' && (await isThere(location.path));
  const storage = await engine.storages.create(location, { credentials });
  try {
    const options = { storage, hostLockFolder: hostLockFolder(process.env), secrets, now: engine.now() };
    await using vault = await createVault(options);
    return { vaultId: vault.id, location: storage.location };
  } catch (error) {
    // `usage`: another init was quicker, and what stands there is its vault.
    const isOurs = !(error instanceof AppError) || error.kind !== 'usage';
    if (location.kind === 'folder' && isOurs) await removeUnfinished(location.path, wasThere);
    throw error;
  }
}

/** The folder was free a moment ago (createStorage has checked): what stands there is ours. The headers go first, since they make a vault. */
async function removeUnfinished(folder: string, keepFolder: boolean): Promise<void> {
  for (const name of ['vault-copy.json', 'vault.json', 'keys', 'locks', 'tmp', 'reserve']) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
  if (keepFolder) return;
  try {
    await rmdir(folder);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

async function warningsOf({ location }: Made, settings: HomeSettings): Promise<readonly Finding[]> {
  const before = leftVault(location, settings);
  const folder = await statOf(location);
  if (folder === undefined) return before;
  return [...before, ...(await smallDisk(location)), ...(await sameDisk(folder.dev, settings))];
}

/** What was backed up before does not go along. */
function leftVault(location: string, { backup }: HomeSettings): readonly Finding[] {
  if (backup.path === undefined || backup.path === location) return [];
  const message = `This home does not use the vault ${backup.path} any more: its backups stay there, and connect --vault goes back to it.`;
  return [{ code: 'vault-left', message }];
}

/** A run stops before the disk gets too full (usualFreeSpace): with less room than that no backup fits at all. */
async function smallDisk(location: string): Promise<readonly Finding[]> {
  const { bavail, blocks, bsize } = await statfs(location);
  const kept = Math.max(usualFreeSpace.bytes, usualFreeSpace.shareOfTotal * blocks * bsize);
  const room = bavail * bsize - kept;
  if (room > 1e9) return [];
  const message =
    room > 0
      ? `Only ${sizeText(room)} can be used here, since ${sizeText(kept)} of this disk stay free: hardly any backup will fit.`
      : `No backup will fit: ${sizeText(kept)} of this disk stay free, and only ${sizeText(bavail * bsize)} are. Choose a larger disk.`;
  return [{ code: 'small-disk', message }];
}

async function sameDisk(device: number, { install }: HomeSettings): Promise<readonly Finding[]> {
  const live = install === undefined ? undefined : await statOf(install.folder);
  if (live?.dev !== device) return [];
  return [
    {
      code: 'same-disk',
      message: 'The vault is on the disk of the install: when that disk fails, both are lost.',
    },
  ];
}

async function statOf(file: string): Promise<Readonly<{ dev: number }> | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  return (await statOf(file)) !== undefined;
}
