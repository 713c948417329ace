import { homedir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { BackupSettings } from '../../../shared/model/settings.ts';
import { parseLocation } from '../../storage/location.ts';
import type { Storage } from '../../storage/storage.ts';
import { readHeader } from '../../vault/keys/header.ts';
import { isRecoveryKey } from '../../vault/keys/recovery-key.ts';
import type { SlotSecret } from '../../vault/keys/slot-secret.ts';
import { unlockVault, type VaultKeys } from '../../vault/keys/vault-keys.ts';
import { type OpenedVault, openWithKeys } from '../../vault/open-vault.ts';
import { readDeviceKey } from './device-key.ts';
import type { HomeStorages } from './home-storages.ts';
import type { Home } from './home.ts';

/** `passphrases`: what came with commands, recovery keys too. */
type KeyPlaces = Readonly<{ home: Home; passphrases: readonly string[] }>;
type Places = KeyPlaces & Readonly<{ storages: HomeStorages }>;

/**
 * Opens the vault that a home was set up with: by its device key, else by a passphrase that came with the command.
 * `not-found` when none is set up, `no-key` when nothing opens it, `unavailable` when it or another one lies there.
 */
export async function openHomeVault(settings: BackupSettings, places: Places): Promise<OpenedVault> {
  if (settings.path === undefined) {
    throw new AppError(
      'not-found',
      'No vault is set up for this home: make one with init, or open one with connect.',
      { details: { isNotSetUp: true } },
    );
  }
  places.storages.useLine(settings.transfer);
  return await openVaultAt({ location: settings.path, vaultId: settings.vaultId }, places);
}

/** The same for any place of this vault; with the keys of an open vault where they are given. */
export async function openVaultAt(
  { location, vaultId }: Readonly<{ location: string; vaultId: string | undefined }>,
  places: Places,
  keys?: VaultKeys,
): Promise<OpenedVault> {
  const storage = await places.storages.open(parseLocation(location));
  if (vaultId !== undefined) await assertVault(storage, vaultId);
  return openWithKeys(
    { storage, hostLockFolder: hostLockFolder(process.env) },
    keys ?? (await unlock(storage, places)),
  );
}

/** Locks that end with their process are shared by all homes of a user, since homes may share a vault. */
export function hostLockFolder(env: NodeJS.ProcessEnv): string {
  const state = env['XDG_STATE_HOME'];
  const base =
    state !== undefined && path.isAbsolute(state) ? state : path.join(homedir(), '.local', 'state');
  return path.join(base, 'trinity-backup', 'locks');
}

async function assertVault(storage: Storage, vaultId: string): Promise<void> {
  const { header } = await readHeader(storage);
  if (header.vaultId === vaultId) return;
  throw new AppError(
    'unavailable',
    `Another vault lies at ${storage.location} than the one of this home: mount the right disk there, or use connect.`,
  );
}

async function unlock(storage: Storage, { home, passphrases }: KeyPlaces): Promise<VaultKeys> {
  let failure: unknown = new AppError(
    'no-key',
    `No key of this home opens the vault at ${storage.location}: use connect with the passphrase or the recovery key, or set TRINITY_BACKUP_PASSPHRASE or TRINITY_BACKUP_RECOVERY_KEY.`,
    { details: { isLocked: true } },
  );
  let deviceKey: Buffer | undefined;
  try {
    deviceKey = await readDeviceKey(home);
  } catch (error) {
    // A keychain that stays locked does not keep a passphrase from opening the vault.
    if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
    failure = error;
  }
  const secrets: SlotSecret[] = [
    ...(deviceKey === undefined ? [] : [{ kind: 'device', deviceKey } as const]),
    ...passphrases
      .filter((text) => isRecoveryKey(text))
      .map((recoveryKey) => ({ kind: 'recovery', recoveryKey }) as const),
    ...passphrases.map((passphrase) => ({ kind: 'passphrase', passphrase }) as const),
  ];
  for (const secret of secrets) {
    try {
      return await unlockVault(storage, secret);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
      failure = error;
    }
  }
  throw failure;
}
