import { isMarkedAsUntransferable } from 'node:worker_threads';

/**
 * The same bytes in memory that holds nothing else, so that it can be transferred: a copy only where others share it, as they do the
 * memory of small buffers.
 */
export function inOwnMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  const isOwn =
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !isMarkedAsUntransferable(buffer);
  return isOwn ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
