import { pageHashBytes } from '../../listing/page-map.ts';

const none = -1;
const firstCapacity = 1024;

/** Finds pages by their hash wherever they lie: an open-addressing table over typed arrays. */
export class PageIndex {
  #count = 0;
  #hashes = Buffer.alloc(firstCapacity * pageHashBytes);
  #chunks = new Int32Array(firstCapacity);
  #offsets = new Uint32Array(firstCapacity);
  #slots = new Int32Array(firstCapacity * 2).fill(none);

  /** The number of the page whose hash stands at `at` of `hashes`, or -1. */
  find(hashes: Buffer, at: number): number {
    return this.#slots[this.#slotOf(hashes, at)] ?? none;
  }

  chunkAt(page: number): number {
    return this.#chunks[page] ?? none;
  }

  offsetAt(page: number): number {
    return this.#offsets[page] ?? 0;
  }

  /** Adds a page, unless one with its hash is there. */
  add(hashes: Buffer, at: number, chunk: number, offset: number): void {
    const slot = this.#slotOf(hashes, at);
    if (this.#slots[slot] !== none) {
      return;
    }
    this.#slots[slot] = this.#count;
    hashes.copy(this.#hashes, this.#count * pageHashBytes, at, at + pageHashBytes);
    this.#chunks[this.#count] = chunk;
    this.#offsets[this.#count] = offset;
    this.#count += 1;
    if (this.#count === this.#chunks.length) {
      this.#grow();
    }
  }

  /** The slot that holds the hash, or the empty one where it belongs. Hashes are keyed: their first bytes serve as they are. */
  #slotOf(hashes: Buffer, at: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashes.readUInt32LE(at) & mask;
    for (;;) {
      const page = this.#slots[slot] ?? none;
      if (page === none || this.#isAt(page, hashes, at)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #isAt(page: number, hashes: Buffer, at: number): boolean {
    const start = page * pageHashBytes;
    return this.#hashes.compare(hashes, at, at + pageHashBytes, start, start + pageHashBytes) === 0;
  }

  #grow(): void {
    const capacity = this.#chunks.length * 2;
    const hashes = Buffer.alloc(capacity * pageHashBytes);
    const chunks = new Int32Array(capacity);
    const offsets = new Uint32Array(capacity);
    this.#hashes.copy(hashes);
    chunks.set(this.#chunks);
    offsets.set(this.#offsets);
    this.#hashes = hashes;
    this.#chunks = chunks;
    this.#offsets = offsets;
    this.#slots = new Int32Array(capacity * 2).fill(none);
    for (let page = 0; page < this.#count; page += 1) {
      this.#slots[this.#slotOf(hashes, page * pageHashBytes)] = page;
    }
  }
}
