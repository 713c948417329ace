/** Grows as it is written to; numbers as little-endian base-128 varints. Made once and reused: `reset` keeps the memory. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 65_536) {
    this.#bytes = Buffer.alloc(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, as a view that the next write may change. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A whole number from 0 to 2^53-1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    let at = this.#length;
    while (rest > 0x7fff_ffff) {
      this.#bytes[at] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
      at += 1;
    }
    while (rest > 0x7f) {
      this.#bytes[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
      at += 1;
    }
    this.#bytes[at] = rest;
    this.#length = at + 1;
  }

  /** A 32-bit pattern, signed or not. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#bytes.writeInt32LE(value | 0, this.#length);
    this.#length += 4;
  }

  bytes(source: Uint8Array, from = 0, to = source.length): void {
    const length = to - from;
    this.#reserve(length);
    this.#bytes.set(length === source.length ? source : source.subarray(from, to), this.#length);
    this.#length += length;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) {
      return;
    }
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
