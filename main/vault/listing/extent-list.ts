import type { Extent } from './entry.ts';

/** Number that stands for a hole of a sparse file. */
export const holeChunk = -1;

/** Extents in typed arrays, reused for entry after entry: nothing is allocated for each of a million files. */
export class ExtentList {
  #count = 0;
  #chunks = new Int32Array(64);
  #offsets = new Uint32Array(64);
  #lengths = new Float64Array(64);

  get count(): number {
    return this.#count;
  }

  chunkAt(index: number): number {
    return this.#chunks[index] ?? holeChunk;
  }

  offsetAt(index: number): number {
    return this.#offsets[index] ?? 0;
  }

  lengthAt(index: number): number {
    return this.#lengths[index] ?? 0;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds an extent, or lengthens the last one where the new one goes on right after it. */
  add(chunk: number, offset: number, length: number): void {
    const last = this.#count - 1;
    if (last >= 0 && this.#goesOn(last, chunk, offset)) {
      this.#lengths[last] = this.lengthAt(last) + length;
    } else if (length > 0) {
      this.push(chunk, offset, length);
    }
  }

  /** Adds an extent as it is. */
  push(chunk: number, offset: number, length: number): void {
    if (this.#count === this.#chunks.length) {
      this.#grow();
    }
    this.#chunks[this.#count] = chunk;
    this.#offsets[this.#count] = offset;
    this.#lengths[this.#count] = length;
    this.#count += 1;
  }

  addAll(other: ExtentList): void {
    for (let index = 0; index < other.count; index += 1) {
      this.push(other.chunkAt(index), other.offsetAt(index), other.lengthAt(index));
    }
  }

  /** Drops the extents from `count` on. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, count);
  }

  /** Bytes of all extents, holes included. */
  totalLength(): number {
    let total = 0;
    for (let index = 0; index < this.#count; index += 1) {
      total += this.lengthAt(index);
    }
    return total;
  }

  /** Bytes that lie in chunks. */
  dataLength(): number {
    let total = 0;
    for (let index = 0; index < this.#count; index += 1) {
      total += this.chunkAt(index) === holeChunk ? 0 : this.lengthAt(index);
    }
    return total;
  }

  toExtents(): readonly Extent[] {
    return Array.from({ length: this.#count }, (_, index) => ({
      chunk: this.chunkAt(index),
      offset: this.offsetAt(index),
      length: this.lengthAt(index),
    }));
  }

  #goesOn(last: number, chunk: number, offset: number): boolean {
    if (this.chunkAt(last) !== chunk) {
      return false;
    }
    return chunk === holeChunk || this.offsetAt(last) + this.lengthAt(last) === offset;
  }

  #grow(): void {
    const capacity = this.#chunks.length * 2;
    const chunks = new Int32Array(capacity);
    const offsets = new Uint32Array(capacity);
    const lengths = new Float64Array(capacity);
    chunks.set(this.#chunks);
    offsets.set(this.#offsets);
    lengths.set(this.#lengths);
    this.#chunks = chunks;
    this.#offsets = offsets;
    this.#lengths = lengths;
  }
}
