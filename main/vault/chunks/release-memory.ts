/** Node keeps what is smaller than a page or two in buffers that others share: those must never be touched. */
const smallestBytes = 64 * 1024;

/**
 * Gives the memory of a large buffer back now instead of at some later collection of garbage, of which a sealing thread would make
 * hundreds of MB. Only for bytes that nobody else has a view of; they are empty afterwards.
 */
export function releaseMemory(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= smallestBytes) {
    buffer.transfer(0);
  }
}
