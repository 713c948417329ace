import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';

/**
 * Types of sealed objects. Each has a byte in the object and a key of its own, so that one never passes for another.
 */
const typeBytes = {
  manifest: 1,
  trash: 2,
  index: 3,
  footer: 4,
  doomed: 5,
  damage: 6,
  pin: 7,
  proof: 8,
} as const;

export type SealedType = keyof typeof typeBytes;

/**
 * What seals and opens objects: per generation of the master key one 32-byte key, from which each type's key is derived.
 * New objects are sealed with generation `current`. Structured-clonable.
 */
export type ObjectKeys = Readonly<{
  /** 32 hexadecimal digits. */
  vaultId: string;
  current: number;
  all: readonly Readonly<{ generation: number; key: Uint8Array }>[];
}>;

/** `objectId` is the last part of the object's name, so that a renamed object does not open. */
export type SealContext = Readonly<{ keys: ObjectKeys; type: SealedType; objectId: string }>;

const magic = Buffer.from('TBSO', 'latin1');
const format = 1;
const headerBytes = 10;
const nonceBytes = 12;
const tagBytes = 16;

/** What sealing adds to the length of the plaintext. */
export const sealOverheadBytes = headerBytes + nonceBytes + tagBytes;
/** No sealed object is larger, its overhead included: the bound to read with. */
export const maxSealedBytes = 128 * 1024 * 1024;

/** Seals `plaintext` with the current generation. */
export function sealObject(context: SealContext, plaintext: Uint8Array): Buffer {
  if (plaintext.byteLength > maxSealedBytes - sealOverheadBytes) {
    throw new AppError('failed', `The object ${context.objectId} is too large to be stored.`);
  }
  const { keys, type } = context;
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt8(format, 4);
  header.writeUInt8(typeBytes[type], 5);
  header.writeUInt32LE(keys.current, 6);
  const nonce = randomBytes(nonceBytes);
  const key = typeKey(context, keys.current);
  if (key === undefined) throw new Error('the key ring lacks its current generation');
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData(header, context));
  const sealed = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([header, nonce, sealed, cipher.getAuthTag()]);
}

/** The plaintext; `damaged` for anything but the unchanged bytes of this object of this vault. */
export function openObject(context: SealContext, bytes: Uint8Array): Buffer {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < sealOverheadBytes || view.length > maxSealedBytes)
    throw damaged(context, 'its size is wrong');
  const header = view.subarray(0, headerBytes);
  if (!header.subarray(0, 4).equals(magic) || header.readUInt8(4) !== format)
    throw damaged(context, 'its start is wrong');
  if (header.readUInt8(5) !== typeBytes[context.type]) throw damaged(context, 'it is of another type');
  const key = typeKey(context, header.readUInt32LE(6));
  if (key === undefined) throw damaged(context, 'the key it names is in no key slot');
  const bodyEnd = view.length - tagBytes;
  const nonce = view.subarray(headerBytes, headerBytes + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(associatedData(header, context));
  decipher.setAuthTag(view.subarray(bodyEnd));
  const plaintext = decipher.update(view.subarray(headerBytes + nonceBytes, bodyEnd));
  try {
    decipher.final();
  } catch (error) {
    throw damaged(context, 'its bytes have changed', error);
  }
  return plaintext;
}

function typeKey({ keys, type }: SealContext, generation: number): Uint8Array | undefined {
  const found = keys.all.find((entry) => entry.generation === generation);
  if (found === undefined) return undefined;
  const salt = Buffer.from(keys.vaultId, 'hex');
  return new Uint8Array(hkdfSync('sha256', found.key, salt, `trinity-backup/1/object/${type}`, 32));
}

/** Vault id, length and bytes of the object id, then the object's own first bytes (format, type and generation). */
function associatedData(header: Uint8Array, { keys, objectId }: SealContext): Buffer {
  const id = Buffer.from(objectId, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(id.length);
  return Buffer.concat([Buffer.from(keys.vaultId, 'hex'), length, id, header]);
}

function damaged({ type, objectId }: SealContext, reason: string, cause?: unknown): AppError {
  return new AppError('damaged', `The ${type} object ${objectId} is damaged: ${reason}.`, { cause });
}
