import { AppError } from '../../../shared/lib/app-error.ts';

/** What is thrown for a listing that is not as it must be; `what` says which rule it breaks. */
export function damagedListing(what: string): AppError {
  return new AppError(
    'damaged',
    `A listing of this backup is damaged (${what}). Run "verify --data full", and restore from another backup meanwhile.`,
    { details: { what } },
  );
}

const empty = Buffer.alloc(0);

/** Reads what `ByteWriter` wrote, from bytes that may be hostile: throws `damaged` rather than read past the end. */
export class ByteReader {
  #bytes: Buffer = empty;
  #at = 0;

  constructor(bytes: Buffer = empty) {
    this.open(bytes);
  }

  open(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) {
      throw damagedListing('it ends early');
    }
    this.#at += 1;
    return value;
  }

  /** A whole number from 0 to `max` (at most 2^53-1), in its shortest form. */
  varint(max: number): number {
    let value = this.byte();
    if (value > 0x7f) {
      value = this.#longVarint(value & 0x7f);
    }
    if (value > max) {
      throw damagedListing('a number is out of range');
    }
    return value;
  }

  uint32(): number {
    const at = this.#take(4);
    return this.#bytes.readUInt32LE(at);
  }

  int32(): number {
    const at = this.#take(4);
    return this.#bytes.readInt32LE(at);
  }

  /** A view of the next bytes. */
  view(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  copyTo(target: Uint8Array, targetAt: number, length: number): void {
    const at = this.#take(length);
    this.#bytes.copy(target, targetAt, at, at + length);
  }

  /** A view of what was read since `position`. */
  since(position: number): Buffer {
    return this.#bytes.subarray(position, this.#at);
  }

  end(): void {
    if (this.left !== 0) {
      throw damagedListing('bytes follow its end');
    }
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw damagedListing('it ends early');
    }
    this.#at = at + length;
    return at;
  }

  #longVarint(first: number): number {
    let value = first;
    let scale = 0x80;
    for (;;) {
      const next = this.byte();
      const digit = next & 0x7f;
      value += digit * scale;
      if (value > Number.MAX_SAFE_INTEGER) {
        throw damagedListing('a number is out of range');
      }
      if (next <= 0x7f) {
        if (digit === 0) {
          throw damagedListing('a number is not in its shortest form');
        }
        return value;
      }
      scale *= 0x80;
      if (scale > 2 ** 49) {
        throw damagedListing('a number is out of range');
      }
    }
  }
}
