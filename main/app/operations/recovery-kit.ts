import { hostname } from 'node:os';
import { z } from 'zod';
import { version } from '../../platform/version.ts';
import { newRecoveryKey } from '../../vault/keys/recovery-key.ts';
import { addSlot, removeSlot } from '../../vault/keys/vault-keys.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { Engine } from '../engine.ts';
import { operation, type OperationOptions } from '../operation.ts';
import { proveRecoveryKey } from '../upkeep/recovery-key.ts';
import { kitPage } from '../recovery-kit/kit-page.ts';
import { writeNewFile } from '../recovery-kit/write-kit.ts';

export type RecoveryKit = Readonly<{ output: string; keyId: string; location: string; vaultId: string }>;

/**
 * Writes a sheet with a new recovery key; the older ones go on opening the vault. No key is stored in clear, so the
 * sheet cannot show one that is there already.
 */
export const recoveryKit = operation(
  z.strictObject({ output: z.string().startsWith('/').max(4096) }),
  async (engine, { output }, options): Promise<RecoveryKit> => ({
    output,
    ...(await makeKit(engine, options, async (make) => await writeNewFile(output, make))),
  }),
);

export type RecoveryKitPage = Omit<RecoveryKit, 'output'> & Readonly<{ html: string }>;

/** The same sheet, for a page to print or save; nothing of it is kept here. */
export const recoveryKitPage = operation(
  z.strictObject({}),
  async (engine, _input, options): Promise<RecoveryKitPage> => {
    let html = '';
    const made = await makeKit(engine, options, async (make) => void (html = await make()));
    return { html, ...made };
  },
);

/** Adds a recovery key under the writer lock; `take` has to bring its sheet to where it is kept. */
async function makeKit(
  engine: Engine,
  options: OperationOptions,
  take: (make: () => Promise<string>) => Promise<void>,
): Promise<Omit<RecoveryKit, 'output'>> {
  return await engine.exclusively('change', options, async ({ signal }) => {
    const vault = await engine.vault();
    await using writer = await vault.openWriter('keys', { signal });
    writer.signal.throwIfAborted();
    let keyId: string | undefined;
    try {
      await take(async () => {
        const recoveryKey = newRecoveryKey();
        const secret = { kind: 'recovery', recoveryKey } as const;
        const added = await addSlot(vault.storage, vault.vaultKeys, secret, { now: engine.now() });
        vault.useKeys(added.keys);
        keyId = added.slotId;
        return await pageOf({ engine, vault, recoveryKey, keyId });
      });
    } catch (error) {
      // Nobody has the key, so it need not stay.
      if (keyId !== undefined) vault.useKeys(await removeSlot(vault.storage, vault.vaultKeys, keyId));
      throw error;
    }
    return { keyId: keyId ?? '', location: vault.storage.location, vaultId: vault.id };
  });
}

type KitParts = Readonly<{ engine: Engine; vault: OpenedVault; recoveryKey: string; keyId: string }>;

async function pageOf({ engine, vault, recoveryKey, keyId }: KitParts): Promise<string> {
  const { default: qrCode } = await import('qrcode');
  const { settings } = await engine.settings.read();
  return kitPage({
    location: vault.storage.location,
    vaultId: vault.id,
    recoveryKey,
    keyId,
    installFolder: settings.install?.folder,
    hostName: hostname(),
    madeAt: new Date(engine.now()).toISOString(),
    productVersion: version,
    qrCode: await qrCode.toString(recoveryKey, { type: 'svg', errorCorrectionLevel: 'M', margin: 0 }),
  });
}

/** The sheet for a recovery key that was just made: of a vault that has one, no further key is needed. Changes nothing. */
export const recoverySheet = operation(
  z.strictObject({ recoveryKey: z.string().min(1).max(1000) }),
  async (engine, { recoveryKey }): Promise<Readonly<{ html: string }>> => {
    const { keyId } = await proveRecoveryKey(engine, recoveryKey);
    return { html: await pageOf({ engine, vault: await engine.vault(), recoveryKey, keyId }) };
  },
);

/** Whether the recovery key on the paper opens the vault: typed in when it is due, so that it is known before the worst day. */
export const recoveryKeyCheck = operation(
  z.strictObject({ recoveryKey: z.string().min(1).max(1000) }),
  async (engine, { recoveryKey }): Promise<Readonly<{ keyId: string; provenAt: string }>> => {
    const { keyId, provenMs } = await proveRecoveryKey(engine, recoveryKey);
    return { keyId, provenAt: new Date(provenMs).toISOString() };
  },
);
