import type { BatchKind } from './capture-messages.ts';
import type { ThreadLink } from './thread-link.ts';

const empty = new Uint8Array(new SharedArrayBuffer(0));

/**
 * Bytes on their way to main: filled in place, marked off as chunks, sent when full. What is not yet marked off moves to the
 * next buffer.
 */
export class BatchBuffer {
  readonly #link: ThreadLink;
  readonly #kind: BatchKind;
  #bytes: Uint8Array<SharedArrayBuffer> = empty;
  #filled = 0;
  /** Where the chunk begins that is not yet marked off. */
  #start = 0;
  #lengths: number[] = [];
  #numbers: number[] = [];

  constructor(link: ThreadLink, kind: BatchKind) {
    this.#link = link;
    this.#kind = kind;
  }

  get bytes(): Uint8Array<SharedArrayBuffer> {
    return this.#bytes;
  }

  get filled(): number {
    return this.#filled;
  }

  get chunkStart(): number {
    return this.#start;
  }

  /**
   * Makes room for `length` bytes after `filled`: at most 2 MiB, so that they fit beside the largest open chunk. `bytes` may be
   * another array afterwards.
   */
  reserve(length: number): void {
    if (this.#filled + length > this.#bytes.length) {
      this.#ship(true);
    }
  }

  /** Counts bytes that were written after `filled`. */
  fill(length: number): void {
    this.#filled += length;
  }

  /** Marks the bytes since the last mark up to `end` off as a chunk. */
  mark(end: number, number: number): void {
    this.#lengths.push(end - this.#start);
    this.#numbers.push(number);
    this.#start = end;
  }

  /** Sends what is left; every byte must have been marked off. */
  finish(): void {
    this.#ship(false);
  }

  #ship(goesOn: boolean): void {
    const full = this.#bytes;
    const rest = full.subarray(this.#start, this.#filled);
    // Taken before the full one goes: it may have to wait, and the open chunk lies in the full one.
    this.#bytes = goesOn ? new Uint8Array(this.#link.takeBuffer()) : empty;
    this.#bytes.set(rest);
    this.#filled = rest.length;
    this.#start = 0;
    if (this.#lengths.length > 0) {
      this.#link.sendBatch(this.#kind, full.buffer, this.#lengths, this.#numbers);
    } else if (full.length > 0) {
      this.#link.keepBuffer(full.buffer);
    }
    this.#lengths = [];
    this.#numbers = [];
  }
}
