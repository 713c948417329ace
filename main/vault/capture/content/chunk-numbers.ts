import { holeChunk } from '../../listing/extent-list.ts';
import type { ExtentList } from '../../listing/extent-list.ts';
import { mostUsedBytes } from '../../listing/root-codec.ts';

/** The chunk table while it is made: numbers as they are given out, lengths, and how many bytes of each chunk are used. */
export class ChunkNumbers {
  #count: number;
  #lengths: Uint32Array;
  #used: Uint32Array;

  /** Begins with the chunks of the previous listing, which nothing uses yet. */
  constructor(lengths: Uint32Array) {
    this.#count = lengths.length;
    this.#lengths = new Uint32Array(lengths.length + 1024);
    this.#lengths.set(lengths);
    this.#used = new Uint32Array(lengths.length + 1024);
  }

  get count(): number {
    return this.#count;
  }

  /** The number of a chunk that is begun. */
  begin(): number {
    const number = this.#count;
    this.#count += 1;
    if (this.#count > this.#lengths.length) {
      this.#lengths = grown(this.#lengths);
      this.#used = grown(this.#used);
    }
    return number;
  }

  setLength(number: number, length: number): void {
    this.#lengths[number] = length;
  }

  use(number: number, bytes: number): void {
    this.#used[number] = Math.min((this.#used[number] ?? 0) + bytes, mostUsedBytes);
  }

  useExtents(extents: ExtentList): void {
    for (let index = 0; index < extents.count; index += 1) {
      const chunk = extents.chunkAt(index);
      if (chunk !== holeChunk) {
        this.use(chunk, extents.lengthAt(index));
      }
    }
  }

  /** Lengths and use of all numbers up to the last one that is used; unused ones have length 0. */
  finish(): Readonly<{ count: number; lengths: Uint32Array; used: Uint32Array }> {
    let count = this.#count;
    while (count > 0 && this.#used[count - 1] === 0) {
      count -= 1;
    }
    const lengths = this.#lengths.slice(0, count);
    const used = this.#used.slice(0, count);
    return { count, lengths: lengths.map((length, number) => (used[number] === 0 ? 0 : length)), used };
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
