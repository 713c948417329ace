import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Bytes hashed before others get a turn on this thread. */
const hashStep = 1024 * 1024;

/** The id that a pack of these bytes has: their SHA-256 in hex. */
export async function packIdOfBytes(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < bytes.length; offset += hashStep) {
    hash.update(bytes.subarray(offset, offset + hashStep));
    await nextTurn();
  }
  return hash.digest('hex');
}
