import { isMarkedAsUntransferable } from 'node:worker_threads';

/** Small results lie in a buffer of Node's that others share; it is marked, and is smaller than this. */
const smallestBytes = 32 * 1024;

/**
 * Gives the memory of a large buffer back now instead of at some later collection of garbage, of which a sealing thread would make
 * hundreds of MB. Only for bytes that nobody else has a view of; they are empty afterwards.
 */
export function releaseMemory(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (
    buffer instanceof ArrayBuffer &&
    buffer.byteLength >= smallestBytes &&
    !isMarkedAsUntransferable(buffer)
  ) {
    buffer.transfer(0);
  }
}
