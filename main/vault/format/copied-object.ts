import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';

/** One of the two copies of an object that is kept twice. */
export type Copy<Value> = Readonly<
  | { name: string; state: 'good'; bytes: Buffer; value: Value }
  | { name: string; state: 'missing' }
  | { name: string; state: 'damaged' }
>;

/**
 * Reads both copies. `parse` gives undefined for damaged bytes and throws what nobody can repair (a newer format). Only `not-found`
 * counts as missing: a copy that cannot be read just now is neither missing nor damaged, its error is thrown.
 */
export async function readCopies<Value>(
  storage: Storage,
  request: Readonly<{
    names: readonly string[];
    maxBytes: number;
    parse: (bytes: Buffer) => Value | undefined;
  }>,
): Promise<readonly Copy<Value>[]> {
  const copies: Copy<Value>[] = [];
  for (const name of request.names) {
    const info = await storage.stat(name);
    if (info !== undefined && info.size > request.maxBytes) {
      copies.push({ name, state: 'damaged' });
      continue;
    }
    const bytes = info === undefined ? undefined : await readOrMissing(storage, name, request.maxBytes);
    if (bytes === undefined) copies.push({ name, state: 'missing' });
    else {
      const value = request.parse(bytes);
      copies.push(value === undefined ? { name, state: 'damaged' } : { name, state: 'good', bytes, value });
    }
  }
  return copies;
}

/** Writes the copies that are not good anew from `good`. */
export async function repairCopies<Value>(
  storage: Storage,
  copies: readonly Copy<Value>[],
  good: Buffer,
): Promise<void> {
  for (const copy of copies) {
    if (copy.state !== 'good') await storage.put(copy.name, [good]);
  }
}

/** The object's bytes; undefined when it is not there. Other errors are thrown. */
export async function readOrMissing(
  storage: Storage,
  name: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  try {
    return await storage.read(name, maxBytes);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
