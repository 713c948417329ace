import { createDecipheriv, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { diffieHellman, hkdfSync, scryptSync } from 'node:crypto';

/** Section 4 of docs/vault-format.md, from the document alone, as format-reader.ts is. */
export type Slot = Readonly<
  Record<'id' | 'kind' | 'created' | 'publicKey' | 'secret' | 'ephemeralKey' | 'ringKey', string>
> &
  Readonly<{ derive: Readonly<{ name: string; n: number; r: number; p: number; salt: string }> }>;

export function ringKeyOf(vaultId: string, slot: Slot, text: string): Buffer {
  const { derive } = slot;
  const salt = Buffer.from(derive.salt, 'base64');
  const { n: N, r, p } = derive;
  const slotKey =
    slot.kind === 'recovery'
      ? hkdf(recoveryBytes(text), salt, 'trinity-backup/1/slot/recovery')
      : scryptSync(text.normalize('NFC'), salt, 32, { N, r, p, maxmem: 2 ** 29 });
  const cost = derive.name === 'scrypt' ? [N, r, p] : [];
  const fields = [
    vaultId,
    slot.id,
    slot.kind,
    slot.created,
    derive.name,
    ...cost,
    derive.salt,
    slot.publicKey,
  ];
  const context = Buffer.from(['trinity-backup/1/slot', ...fields].join('\n'));
  const privateKey = aead(slotKey, context, Buffer.from(slot.secret, 'base64')).subarray(0, 32);
  const ephemeral = Buffer.from(slot.ephemeralKey, 'base64');
  const shared = diffieHellman({
    privateKey: createPrivateKey({
      key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateKey]),
      format: 'der',
      type: 'pkcs8',
    }),
    publicKey: createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), ephemeral]),
      format: 'der',
      type: 'spki',
    }),
  });
  const salts = Buffer.concat([ephemeral, Buffer.from(slot.publicKey, 'base64')]);
  return aead(hkdf(shared, salts, 'trinity-backup/1/grant'), context, Buffer.from(slot.ringKey, 'base64'));
}

function recoveryBytes(text: string): Buffer {
  const digits = Array.from(text.replaceAll('-', ''), (digit) =>
    '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit),
  );
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(
    Array.from({ length: 20 }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2)),
  );
  const check = createHash('sha256').update('trinity-backup recovery key').update(bytes).digest('hex');
  if (Number.parseInt(bits.slice(160), 2) !== Number.parseInt(check.slice(0, 5), 16))
    throw new Error('check digits');
  return bytes;
}

export function hkdf(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, 32));
}

export function aead(key: Buffer, aad: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAAD(aad);
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}
