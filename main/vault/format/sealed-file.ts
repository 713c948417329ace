import type { Storage, StorageOptions } from '../../storage/storage.ts';
import { maxSealedBytes, openObject, sealObject } from './sealed-object.ts';
import type { ObjectKeys, SealedType } from './sealed-object.ts';

/** A sealed object in a storage: its id is the last part of its name. */
export type SealedFile = Readonly<{ storage: Storage; keys: ObjectKeys; type: SealedType; name: string }>;

/** The plaintext; `damaged`, `not-found` or what the storage throws. */
export async function readSealed(file: SealedFile, options?: StorageOptions): Promise<Buffer> {
  const bytes = await file.storage.read(file.name, maxSealedBytes, options);
  return openObject(contextOf(file), bytes);
}

export async function writeSealed(
  file: SealedFile,
  plaintext: Uint8Array,
  options?: StorageOptions,
): Promise<void> {
  await file.storage.put(file.name, [sealObject(contextOf(file), plaintext)], options);
}

/** Like `writeSealed`, but only where nothing is: false when the name was taken. */
export async function writeSealedIfAbsent(
  file: SealedFile,
  plaintext: Uint8Array,
  options?: StorageOptions,
): Promise<boolean> {
  return await file.storage.putIfAbsent(file.name, [sealObject(contextOf(file), plaintext)], options);
}

function contextOf({
  keys,
  type,
  name,
}: SealedFile): Readonly<{ keys: ObjectKeys; type: SealedType; objectId: string }> {
  return { keys, type, objectId: name.slice(name.lastIndexOf('/') + 1) };
}
