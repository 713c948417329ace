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
import { ensureDeviceKey } from '../home/device-key.ts';
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
 * fit. A vault that cannot be written gets no device key: its own keys open it, given anew with each command.
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
      const withDevice = await withDeviceKey({ engine, storage, signal }, given);
      const keys = withDevice ?? given;
      const { vaultId } = keys.ring;
      await engine.storages.keep(location, credentials);
      await engine.settings.change((before) => setUp(before, { vault: { path: storage.location, vaultId } }));
      engine.forgetVault();
      await noteKeyUse(engine, vaultId, { keyId: given.slotId, kind: input.secret.kind });
      const kinds = keys.slots.map(({ kind }) => kind);
      const warnings = withDevice === undefined ? [noDeviceKey(storage)] : [];
      return { vaultId, location: storage.location, keys: kinds, warnings };
    }),
);

function noDeviceKey({ location }: Storage): Finding {
  const message = `The vault ${location} cannot be written, so this machine gets no key of its own: set TRINITY_BACKUP_PASSPHRASE or TRINITY_BACKUP_RECOVERY_KEY for each command.`;
  return { code: 'no-device-key', message };
}

type Connecting = Readonly<{ engine: Engine; storage: Storage; signal: AbortSignal }>;

/**
 * Gives the home's device key a slot unless it has one; undefined where nothing can be written. Under the writer lock, like all changes of keys. `busy` while another
 * writes, or was killed less than five minutes ago on a machine that nobody can ask.
 */
async function withDeviceKey(connecting: Connecting, keys: VaultKeys): Promise<VaultKeys | undefined> {
  const { engine, storage } = connecting;
  const deviceKey = await ensureDeviceKey(engine.home);
  const device: SlotSecret = { kind: 'device', deviceKey };
  try {
    return await unlockVault(storage, device);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
  }
  try {
    return await addDeviceKey(connecting, keys, device);
  } catch (error) {
    if (!cannotBeWritten(error)) throw error;
    return undefined;
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
