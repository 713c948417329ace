import { chunkIdBytes } from '../chunks/chunk-store.ts';

const emptySlot = 0xffff_ffff;
const firstCapacity = 1024;

/**
 * Ids of chunks, each with a number counted from 0: an open-addressing hash table over typed arrays, so that a million chunks
 * take tens of megabytes, a fraction of what objects would. Ids are results of an HMAC: their first bytes are the hash.
 */
export class ChunkTable {
  #ids = new Uint8Array(firstCapacity * chunkIdBytes);
  #slots = new Uint32Array(firstCapacity * 2).fill(emptySlot);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the id at `offset` of `source`, or -1. */
  find(source: Uint8Array, offset = 0): number {
    const slot = this.#slots[this.#slotOf(source, offset)] ?? emptySlot;
    return slot === emptySlot ? -1 : slot;
  }

  /** The number of the id, which is `size - 1` when it is new. */
  add(source: Uint8Array, offset = 0): number {
    const slot = this.#slotOf(source, offset);
    const present = this.#slots[slot] ?? emptySlot;
    if (present !== emptySlot) {
      return present;
    }
    const number = this.#size;
    this.#size += 1;
    this.#slots[slot] = number;
    this.#ids.set(source.subarray(offset, offset + chunkIdBytes), number * chunkIdBytes);
    if (this.#size * chunkIdBytes === this.#ids.length) {
      this.#grow();
    }
    return number;
  }

  /** A view of an id; it stays right until the table grows. */
  idAt(number: number): Uint8Array {
    return this.#ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes);
  }

  #grow(): void {
    const ids = new Uint8Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
    this.#slots = new Uint32Array(this.#slots.length * 2).fill(emptySlot);
    for (let number = 0; number < this.#size; number += 1) {
      this.#slots[this.#slotOf(ids, number * chunkIdBytes)] = number;
    }
  }

  /** The slot that holds the id, or the empty one where it belongs. */
  #slotOf(source: Uint8Array, offset: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(source, offset) & mask;
    for (;;) {
      const number = this.#slots[slot] ?? emptySlot;
      if (number === emptySlot || this.#isSame(number, source, offset)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #isSame(number: number, source: Uint8Array, offset: number): boolean {
    const ids = this.#ids;
    const start = number * chunkIdBytes;
    for (let index = 0; index < chunkIdBytes; index += 1) {
      if (ids[start + index] !== source[offset + index]) {
        return false;
      }
    }
    return true;
  }
}

function hashOf(source: Uint8Array, offset: number): number {
  const low = (source[offset] ?? 0) | ((source[offset + 1] ?? 0) << 8);
  return (low | ((source[offset + 2] ?? 0) << 16) | ((source[offset + 3] ?? 0) << 24)) >>> 0;
}
