import { hostname } from 'node:os';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { parseLocation } from '../../storage/location.ts';
import { openStorage } from '../../storage/open-storage.ts';
import type { Storage } from '../../storage/storage.ts';
import type { SlotSecret } from '../../vault/keys/slot-secret.ts';
import { addSlot, unlockVault, type VaultKeys } from '../../vault/keys/vault-keys.ts';
import { takeWriterLock } from '../../vault/locks/writer-lock.ts';
import type { Engine } from '../engine.ts';
import { ensureDeviceKey } from '../home/device-key.ts';
import { hostLockFolder } from '../home/home-vault.ts';
import { operation } from '../operation.ts';
import { setUp } from './install.ts';

const secret = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), passphrase: z.string().min(1).max(10_000) }),
  z.strictObject({ kind: z.literal('recovery'), recoveryKey: z.string().min(1).max(1000) }),
]);

export type ConnectResult = Readonly<{
  vaultId: string;
  location: string;
  keys: readonly SlotSecret['kind'][];
}>;

/**
 * Opens an existing vault for this home: from then on the device key opens it. Changes nothing when the secret does not
 * fit.
 */
export const connect = operation(
  z.strictObject({ location: z.string().max(4096), secret }),
  async (engine, input, options): Promise<ConnectResult> =>
    await engine.exclusively('change', options, async ({ signal }) => {
      const storage = await openStorage(parseLocation(input.location), { absentKind: 'not-found' });
      const keys = await withDeviceKey({ engine, storage, signal }, await unlockVault(storage, input.secret));
      const { vaultId } = keys.ring;
      await engine.settings.change((before) =>
        setUp({ ...before, backup: { ...before.backup, path: storage.location, vaultId } }),
      );
      engine.forgetVault();
      return { vaultId, location: storage.location, keys: keys.slots.map(({ kind }) => kind) };
    }),
);

type Connecting = Readonly<{ engine: Engine; storage: Storage; signal: AbortSignal }>;

/**
 * Gives the home's device key a slot unless it has one: under the writer lock, like all changes of keys. `busy` while another
 * writes, or was killed less than five minutes ago on a machine that nobody can ask.
 */
async function withDeviceKey({ engine, storage, signal }: Connecting, keys: VaultKeys): Promise<VaultKeys> {
  const deviceKey = await ensureDeviceKey(engine.home.deviceKeyFile);
  const device: SlotSecret = { kind: 'device', deviceKey };
  try {
    return await unlockVault(storage, device);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'no-key') throw error;
  }
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
