import { z } from 'zod';
import { newRecoveryKey } from '../../vault/keys/recovery-key.ts';
import type { SlotSecret } from '../../vault/keys/slot-secret.ts';
import {
  addSlot,
  removeSlot,
  rotateMasterKey,
  type SlotInfo,
  type VaultKeys,
} from '../../vault/keys/vault-keys.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { Engine } from '../engine.ts';
import { operation, type OperationOptions } from '../operation.ts';

const nothing = z.strictObject({});

export type KeyInfo = SlotInfo &
  Readonly<{
    openedThis: boolean;
    /** When it last opened the vault on this machine, as far as that is known; ISO 8601. */
    lastUsedAt: string | null;
  }>;
export type KeyList = Readonly<{ generation: number; keys: readonly KeyInfo[] }>;
export type AddedKey = KeyList & Readonly<{ keyId: string }>;

export const keysList = operation(nothing, async (engine): Promise<KeyList> => {
  return await listOf(engine, (await engine.vault()).vaultKeys);
});

export const keysAddPassphrase = operation(
  z.strictObject({ passphrase: z.string().max(10_000) }),
  async (engine, { passphrase }, options): Promise<AddedKey> =>
    await addKey(engine, { kind: 'passphrase', passphrase }, options),
);

/** The new recovery key is in the result, and stored nowhere. */
export const keysNewRecoveryKey = operation(
  nothing,
  async (engine, _input, options): Promise<AddedKey & Readonly<{ recoveryKey: string }>> => {
    const recoveryKey = newRecoveryKey();
    return { ...(await addKey(engine, { kind: 'recovery', recoveryKey }, options)), recoveryKey };
  },
);

export const keysRemove = operation(
  z.strictObject({ keyId: z.string().min(1).max(64) }),
  async (engine, { keyId }, options): Promise<KeyList> =>
    await changeKeys(
      engine,
      options,
      async (vault) => await removeSlot(vault.storage, vault.vaultKeys, keyId),
    ),
);

export const keysRotate = operation(
  nothing,
  async (engine, _input, options): Promise<KeyList> =>
    await changeKeys(engine, options, async (vault) =>
      rotateMasterKey(vault.storage, vault.vaultKeys, { now: engine.now() }),
    ),
);

async function addKey(engine: Engine, secret: SlotSecret, options: OperationOptions): Promise<AddedKey> {
  let keyId = '';
  const list = await changeKeys(engine, options, async (vault) => {
    const added = await addSlot(vault.storage, vault.vaultKeys, secret, { now: engine.now() });
    keyId = added.slotId;
    return added.keys;
  });
  return { ...list, keyId };
}

/** Under the writer lock, so that no backup is sealed with keys that give way meanwhile. */
async function changeKeys(
  engine: Engine,
  options: OperationOptions,
  change: (vault: OpenedVault) => Promise<VaultKeys>,
): Promise<KeyList> {
  return await engine.exclusively('change', options, async ({ signal }) => {
    const vault = await engine.vault();
    await using writer = await vault.openWriter('keys', { signal });
    writer.signal.throwIfAborted();
    vault.useKeys(await change(vault));
    return await listOf(engine, vault.vaultKeys);
  });
}

/** The key that has the vault open is in use now. */
async function listOf(engine: Engine, { slots, slotId, ring }: VaultKeys): Promise<KeyList> {
  const { keysUsedMs = {} } = await engine.upkeep.read(ring.vaultId);
  const usedMs = (id: string): number | undefined => (id === slotId ? engine.now() : keysUsedMs[id]);
  return {
    generation: ring.generation,
    keys: slots.map((slot) => {
      const lastUsedMs = usedMs(slot.id);
      const lastUsedAt = lastUsedMs === undefined ? null : new Date(lastUsedMs).toISOString();
      return { ...slot, openedThis: slot.id === slotId, lastUsedAt };
    }),
  };
}
