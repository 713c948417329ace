import { isMarkedAsUntransferable } from 'node:worker_threads';

/**
 * Bytes that nobody else uses, as they can be transferred: a copy only of small ones, which lie in memory of Node's that others
 * share.
 */
export function inOwnMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer)
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(bytes);
}
