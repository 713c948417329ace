import { damagedListing } from './byte-reader.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { limits } from './limits.ts';

/** Chunk numbers in ascending order, as runs of neighbours: what the page map of one file refers to. */
export class ChunkRuns {
  #count = 0;
  #starts = new Uint32Array(16);
  #ends = new Uint32Array(16);

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds a number above all before, or the last one again. */
  add(chunk: number): void {
    const last = this.#count - 1;
    if (last >= 0 && chunk <= this.endAt(last)) {
      this.#ends[last] = Math.max(this.endAt(last), chunk + 1);
      return;
    }
    this.#push(chunk, chunk + 1);
  }

  addAll(other: ChunkRuns): void {
    for (let run = 0; run < other.count; run += 1) {
      this.#push(other.startAt(run), other.endAt(run));
    }
  }

  startAt(run: number): number {
    return this.#starts[run] ?? 0;
  }

  /** The number after the last one of the run. */
  endAt(run: number): number {
    return this.#ends[run] ?? 0;
  }

  /** Count of runs, then for each: gap since the end of the run before, length - 1. */
  write(writer: ByteWriter): void {
    writer.varint(this.#count);
    let end = 0;
    for (let run = 0; run < this.#count; run += 1) {
      writer.varint(this.startAt(run) - end);
      writer.varint(this.endAt(run) - this.startAt(run) - 1);
      end = this.endAt(run);
    }
  }

  /** Refuses numbers that the chunk table (its lengths, 0 where unused) does not hold. */
  read(reader: ByteReader, lengths: Uint32Array): void {
    this.#count = 0;
    const count = reader.varint(limits.chunkRuns);
    let end = 0;
    for (let run = 0; run < count; run += 1) {
      const start = end + reader.varint(lengths.length);
      if (run > 0 && start === end) {
        throw damagedListing('runs of chunks touch');
      }
      end = start + 1 + reader.varint(lengths.length);
      checkRun(start, end, lengths);
      this.#push(start, end);
    }
  }

  #push(start: number, end: number): void {
    if (this.#count === this.#starts.length) {
      this.#grow();
    }
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count += 1;
  }

  #grow(): void {
    const starts = new Uint32Array(this.#count * 2);
    const ends = new Uint32Array(this.#count * 2);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}

function checkRun(start: number, end: number, lengths: Uint32Array): void {
  if (end > lengths.length) {
    throw damagedListing('a run of chunks lies outside of the chunk table');
  }
  for (let chunk = start; chunk < end; chunk += 1) {
    if (lengths[chunk] === 0) {
      throw damagedListing('a run holds an unused chunk number');
    }
  }
}
