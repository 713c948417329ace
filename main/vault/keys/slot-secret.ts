import { hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import { open, seal } from '../format/aead.ts';
import { newKeyPair, sharedSecret } from '../format/x25519.ts';
import type { KeySlot } from './key-file.ts';
import { assertNewPassphrase } from './passphrase.ts';
import { parseRecoveryKey } from './recovery-key.ts';

/** What opens a slot: a typed text, or the 32 bytes of a device key. */
export type SlotSecret =
  | Readonly<{ kind: 'passphrase'; passphrase: string }>
  | Readonly<{ kind: 'recovery'; recoveryKey: string }>
  | Readonly<{ kind: 'device'; deviceKey: Uint8Array }>;

/** What the secret of a slot protects. */
export type SlotPrivate = Readonly<{ privateKey: Buffer; commitment: Buffer }>;

/** The fields of a slot before the ring key was given to it. */
export type SlotBase = Omit<KeySlot, 'ephemeralKey' | 'ringKey'>;

type SlotContext = Readonly<
  { vaultId: string } & Pick<KeySlot, 'id' | 'kind' | 'created' | 'derive' | 'publicKey'>
>;

// 128 MiB and about a third of a second on a machine of 2026.
const defaultScryptN = 131_072;

/** A new slot for `secret`; `usage` for a passphrase that is too short. `scryptN` for tests. */
export async function newSlot(
  secret: SlotSecret,
  about: Readonly<{ vaultId: string; created: string; commitment: Buffer; scryptN?: 32_768 }>,
): Promise<SlotBase> {
  if (secret.kind === 'passphrase') assertNewPassphrase(secret.passphrase);
  const salt = randomBytes(32).toString('base64');
  const { privateKey, publicKey } = newKeyPair();
  const slot = {
    id: randomBytes(8).toString('hex'),
    kind: secret.kind,
    created: about.created,
    derive:
      secret.kind === 'passphrase'
        ? ({ name: 'scrypt', n: about.scryptN ?? defaultScryptN, r: 8, p: 1, salt } as const)
        : ({ name: 'hkdf-sha256', salt } as const),
    publicKey: publicKey.toString('base64'),
  };
  const context = slotContext({ vaultId: about.vaultId, ...slot });
  const key = await slotKey(secret, slot.derive);
  return {
    ...slot,
    secret: seal(key, context, Buffer.concat([privateKey, about.commitment])).toString('base64'),
  };
}

/** What the slot protects, or undefined when `secret` is not the one of this slot. */
export async function openSlot(
  vaultId: string,
  slot: SlotBase,
  secret: SlotSecret,
): Promise<SlotPrivate | undefined> {
  if (slot.kind !== secret.kind || (slot.kind === 'passphrase') !== (slot.derive.name === 'scrypt'))
    return undefined;
  const key = await slotKey(secret, slot.derive);
  const plaintext = open(key, slotContext({ vaultId, ...slot }), Buffer.from(slot.secret, 'base64'));
  if (plaintext === undefined) return undefined;
  return { privateKey: plaintext.subarray(0, 32), commitment: plaintext.subarray(32) };
}

/** Gives `ringKey` to the slot: only the holder of its private key can take it. */
export function grantRingKey(vaultId: string, slot: SlotBase, ringKey: Buffer): KeySlot {
  const ephemeral = newKeyPair();
  const publicKey = Buffer.from(slot.publicKey, 'base64');
  const shared = grantKey(sharedSecret(ephemeral.privateKey, publicKey), ephemeral.publicKey, publicKey);
  const { id, kind, created, derive, secret } = slot;
  return {
    id,
    kind,
    created,
    derive,
    publicKey: slot.publicKey,
    secret,
    ephemeralKey: ephemeral.publicKey.toString('base64'),
    ringKey: seal(shared, slotContext({ vaultId, ...slot }), ringKey).toString('base64'),
  };
}

/** The ring key that was given to the slot; undefined when the private key is not the slot's or the slot was changed. */
export function takeRingKey(vaultId: string, slot: KeySlot, privateKey: Buffer): Buffer | undefined {
  const ephemeralKey = Buffer.from(slot.ephemeralKey, 'base64');
  const publicKey = Buffer.from(slot.publicKey, 'base64');
  try {
    const shared = grantKey(sharedSecret(privateKey, ephemeralKey), ephemeralKey, publicKey);
    return open(shared, slotContext({ vaultId, ...slot }), Buffer.from(slot.ringKey, 'base64'));
  } catch {
    // A point of low order, which no honest writer makes: the slot was forged.
    return undefined;
  }
}

async function slotKey(secret: SlotSecret, derive: KeySlot['derive']): Promise<Uint8Array> {
  const input = secretBytes(secret);
  const salt = Buffer.from(derive.salt, 'base64');
  if (derive.name === 'hkdf-sha256') return hkdf(input, salt, `slot/${secret.kind}`);
  const { n, r, p } = derive;
  return await new Promise((resolve, reject) => {
    const settle = (error: Error | null, key: Buffer): void =>
      error === null ? resolve(key) : reject(error);
    scrypt(input, salt, 32, { N: n, r, p, maxmem: 128 * n * r + 1024 * 1024 * p }, settle);
  });
}

function secretBytes(secret: SlotSecret): Uint8Array {
  switch (secret.kind) {
    case 'passphrase':
      if (secret.passphrase === '') throw new AppError('usage', 'The passphrase is empty. Give one.');
      // The same letters typed on another system may come decomposed.
      return Buffer.from(secret.passphrase.normalize('NFC'), 'utf8');
    case 'recovery':
      return parseRecoveryKey(secret.recoveryKey);
    case 'device':
      if (secret.deviceKey.byteLength !== 32) throw badDeviceKey();
      return secret.deviceKey;
    default:
      return assertNever(secret);
  }
}

function badDeviceKey(): AppError {
  const message =
    'The device key of this home is damaged. Use connect with the passphrase or the recovery key.';
  return new AppError('no-key', message);
}

function slotContext(slot: SlotContext): Buffer {
  const { vaultId, id, kind, created, derive, publicKey } = slot;
  const cost = derive.name === 'scrypt' ? [derive.n, derive.r, derive.p] : [];
  return Buffer.from(
    ['trinity-backup/1/slot', vaultId, id, kind, created, derive.name, ...cost, derive.salt, publicKey].join(
      '\n',
    ),
    'utf8',
  );
}

function grantKey(secret: Buffer, ephemeralKey: Buffer, publicKey: Buffer): Uint8Array {
  return hkdf(secret, Buffer.concat([ephemeralKey, publicKey]), 'grant');
}

function hkdf(key: Uint8Array, salt: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, `trinity-backup/1/${purpose}`, 32));
}
