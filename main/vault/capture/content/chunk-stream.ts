import type { ExtentList } from '../../listing/extent-list.ts';
import { BatchBuffer } from '../thread/batch-buffer.ts';
import type { ChunkNumbers } from './chunk-numbers.ts';
import type { ThreadLink } from '../thread/thread-link.ts';

/** Says where chunks end; see Cutter. */
export type BorderFinder = Readonly<{
  reset: () => void;
  scan: (bytes: Uint8Array, from: number, to: number) => number;
}>;

/**
 * A run of bytes that is cut into chunks as it comes. A chunk has its number from its first byte on, so the extents of a file
 * are known as soon as its last byte was added, though its last chunk is still open.
 */
export class ChunkStream {
  readonly #buffer: BatchBuffer;
  readonly #numbers: ChunkNumbers;
  readonly #borders: BorderFinder;
  #number = -1;

  constructor(link: ThreadLink, numbers: ChunkNumbers, borders: BorderFinder) {
    this.#buffer = new BatchBuffer(link, 'data');
    this.#numbers = numbers;
    this.#borders = borders;
  }

  /** Room for `length` bytes (at most 2 MiB): they are to be written into `bytes` from `at` on, then taken or left. */
  reserve(length: number): Readonly<{ bytes: Uint8Array; at: number }> {
    this.#buffer.reserve(length);
    return { bytes: this.#buffer.bytes, at: this.#buffer.filled };
  }

  /** Takes the first `length` bytes of the reserved room and adds where they lie to `extents`. */
  take(length: number, extents: ExtentList): void {
    const { bytes, filled } = this.#buffer;
    const end = filled + length;
    this.#buffer.fill(length);
    for (let at = filled; at < end;) {
      if (this.#number === -1) {
        this.#number = this.#numbers.begin();
      }
      const border = this.#borders.scan(bytes, at, end);
      const stop = border === -1 ? end : border;
      extents.add(this.#number, at - this.#buffer.chunkStart, stop - at);
      if (border !== -1) {
        this.#endAt(border);
      }
      at = stop;
    }
  }

  /** Copies bytes in. */
  append(source: Uint8Array, extents: ExtentList): void {
    const step = 1_048_576;
    for (let from = 0; from < source.length; from += step) {
      const piece = source.subarray(from, from + step);
      const { bytes, at } = this.reserve(piece.length);
      bytes.set(piece, at);
      this.take(piece.length, extents);
    }
  }

  /** Ends the open chunk, if one is open: what follows has nothing to do with it. */
  endChunk(): void {
    if (this.#number !== -1) {
      this.#endAt(this.#buffer.filled);
      this.#borders.reset();
    }
  }

  /** Ends the last chunk and sends it. */
  finish(): void {
    this.endChunk();
    this.#buffer.finish();
  }

  #endAt(end: number): void {
    this.#numbers.setLength(this.#number, end - this.#buffer.chunkStart);
    this.#buffer.mark(end, this.#number);
    this.#number = -1;
  }
}
