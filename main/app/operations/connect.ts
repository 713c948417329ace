import { hostname } from 'node:os';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { parseLocation } from '../../storage/location.ts';
import { s3Credentials } from '../../../shared/model/s3-credentials.ts';
import { cannotBeWritten } from '../../storage/storage-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { SlotSecret } from '../../vault/keys/slot-secret.ts';
import { addSlot, unlockVault, type VaultKeys } from '../../vault/keys/vault-keys.ts';
import { takeWriterLock } from '../../vault/locks/writer-lock.ts';
import type { Engine } from '../engine.ts';
import { ensureDeviceKey, keyringAdvice, readDeviceKey } from '../home/device-key.ts';
import type { Home } from '../home/home.ts';
import { hostLockFolder } from '../home/home-vault.ts';
import { noteKeyUse } from '../upkeep/recovery-key.ts';
import { operation } from '../operation.ts';
import { setUp } from '../settings/set-up.ts';

const secret = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), passphrase: z.string().min(1).max(10_000) }),
  z.strictObject({ kind: z.literal('recovery'), recoveryKey: z.string().min(1).max(1000) }),
]);

export type ConnectResult = Readonly<{
  vaultId: string;
  location: string;
  keys: readonly SlotSecret['kind'][];
  warnings: readonly Finding[];
}>;

/**
 * Opens an existing vault for this home: from then on the device key opens it. Changes nothing when the secret does not
 * fit. Where there can be no device key (the vault cannot be written, the desktop has no keyring) the secret is held until
 * this process ends, so that a restore is always possible.
 */
export const connect = operation(
  z.strictObject({
    location: z.string().max(4096),
    secret,
    /** For S3; kept, sealed, for all later runs of this home. */
    credentials: s3Credentials.optional(),
  }),
  async (engine, input, options): Promise<ConnectResult> =>
    await engine.exclusively('change', options, async ({ signal }) => {
      const location = parseLocation(input.location);
      const { credentials } = input;
      const storage = await engine.storages.open(location, { absentKind: 'not-found', credentials });
      const given = await unlockVault(storage, input.secret);
      const own = await ownKey(engine.home);
      const { keys, lack } =
        own.deviceKey === undefined
          ? { keys: given, lack: own.lack }
          : await withDeviceKey({ engine, storage, signal }, given, own.deviceKey);
      const { vaultId } = keys.ring;
      if (lack !== undefined) engine.holdKey(textOf(input.secret));
      if (own.deviceKey === undefined) engine.storages.hold(location, credentials);
      else await engine.storages.keep(location, credentials);
      await engine.settings.change((before) => setUp(before, { vault: { path: storage.location, vaultId } }));
      engine.forgetVault();
      await noteKeyUse(engine, vaultId, { keyId: given.slotId, kind: input.secret.kind });
      const kinds = keys.slots.map(({ kind }) => kind);
      const warnings = lack === undefined ? [] : [noDeviceKey(engine.home, lack)];
      return { vaultId, location: storage.location, keys: kinds, warnings };
    }),
);

function textOf(given: z.infer<typeof secret>): string {
  return given.kind === 'passphrase' ? given.passphrase : given.recoveryKey;
}

/** A desktop runs on and holds the key; a command ends. */
function noDeviceKey({ keychain }: Home, lack: string): Finding {
  const meanwhile =
    keychain === undefined
      ? 'Set TRINITY_BACKUP_PASSPHRASE or TRINITY_BACKUP_RECOVERY_KEY for each command.'
      : 'The vault is open until Trinity Backup is quit, and asks for a key again after that.';
  return { code: 'no-device-key', message: `${lack} ${meanwhile}` };
}

type Connecting = Readonly<{ engine: Engine; storage: Storage; signal: AbortSignal }>;

/** `lack` says why this home has no key of its own for the vault. */
type Opened = Readonly<{ keys: VaultKeys; lack: string | undefined }>;

/**
 * Gives the home's device key a slot unless it has one. Under the writer lock, like all changes of keys. `busy` while another writes, or
 * was killed less than five minutes ago on a machine that nobody can ask.
 */
async function withDeviceKey(connecting: Connecting, keys: VaultKeys, deviceKey: Buffer): Promise<Opened> {
  const { storage } = connecting;
  const device: SlotSecret = { kind: 'device', deviceKey };
  try {
    return { keys: await unlockVault(storage, device), lack: undefined };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
  }
  try {
    return { keys: await addDeviceKey(connecting, keys, device), lack: undefined };
  } catch (error) {
    if (!cannotBeWritten(error)) throw error;
    const { location } = storage;
    return {
      keys,
      lack: `The vault ${location} cannot be written, so this computer gets no key of its own.`,
    };
  }
}

type OwnKey = Readonly<{ deviceKey: Buffer } | { deviceKey: undefined; lack: string }>;

/** A home without a keyring, or whose key stays sealed in one, does not keep a key that was given from opening the vault. */
async function ownKey(home: Home): Promise<OwnKey> {
  try {
    if (home.keychain?.kind !== 'plain') return { deviceKey: await ensureDeviceKey(home) };
    const deviceKey = await readDeviceKey(home);
    const lack = `This desktop has no keyring that is known, so the key is not kept. ${keyringAdvice}`;
    return deviceKey === undefined ? { deviceKey, lack } : { deviceKey };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
    return { deviceKey: undefined, lack: error.message };
  }
}

async function addDeviceKey(
  { engine, storage, signal }: Connecting,
  keys: VaultKeys,
  device: SlotSecret,
): Promise<VaultKeys> {
  const { vaultId } = keys.ring;
  // Not as the writer of an open vault: on the worst day its index or damage list may not open, and keys need neither.
  await using lock = await takeWriterLock({
    storage,
    vaultId,
    hostHash: keys.ring.hostHash(hostname()),
    hostLockFolder: hostLockFolder(process.env),
    purpose: 'keys',
    signal,
  });
  lock.signal.throwIfAborted();
  return (await addSlot(storage, keys, device, { now: engine.now() })).keys;
}
