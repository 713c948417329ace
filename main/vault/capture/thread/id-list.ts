import { chunkIdBytes } from '../../chunks/chunk-store.ts';

/** Ids by number, filled in as they become known. */
export class IdList {
  #ids: Uint8Array<ArrayBuffer>;

  constructor(ids: Uint8Array = new Uint8Array()) {
    this.#ids = new Uint8Array(ids);
  }

  /** Takes the ids of a batch. */
  set(numbers: readonly number[], ids: Uint8Array): void {
    numbers.forEach((number, index) => {
      this.#reserve(number + 1);
      this.#ids.set(ids.subarray(index * chunkIdBytes, (index + 1) * chunkIdBytes), number * chunkIdBytes);
    });
  }

  /** The first `count` ids. */
  first(count: number): Uint8Array<ArrayBuffer> {
    this.#reserve(count);
    return this.#ids.slice(0, count * chunkIdBytes);
  }

  /** The first `count` ids as hexadecimal text. */
  hexOf(count: number): readonly string[] {
    const ids = Buffer.from(this.first(count).buffer);
    return Array.from({ length: count }, (_, index) =>
      ids.toString('hex', index * chunkIdBytes, (index + 1) * chunkIdBytes),
    );
  }

  #reserve(count: number): void {
    if (count * chunkIdBytes > this.#ids.length) {
      const larger = new Uint8Array(Math.max(this.#ids.length * 2, count * chunkIdBytes));
      larger.set(this.#ids);
      this.#ids = larger;
    }
  }
}
