import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { startWriting } from '../../platform/libc.ts';
import { crc32OfZeros } from '../listing/crc32-zeros.ts';

/** Bytes of a file that are zeros and take no room. */
export type Hole = Readonly<{ at: number; length: number }>;

const readBytes = 1_048_576;
/** The disk is told of this much at a time; smaller files are left to the sync at the end. */
const writingBytes = 8 * 1_048_576;
const leastWritingBytes = 262_144;
const readBuffer = Buffer.allocUnsafeSlow(readBytes);

/** Content being written to one open file, in any order, and its CRC-32. */
export class FileContent {
  readonly #fd: number;
  readonly #size: number;
  #crc = 0;
  /** End of what the CRC covers; -1 once a write came out of order. */
  #next = 0;
  #end = 0;
  /** What the disk was told of. */
  #told = 0;
  #holes: Hole[] = [];

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
  }

  write(bytes: Uint8Array, at: number): void {
    writeAll(this.#fd, bytes, at);
    this.#end = Math.max(this.#end, at + bytes.length);
    this.#tell(writingBytes);
    if (this.#next === at) {
      this.#crc = crc32(bytes, this.#crc);
      this.#next += bytes.length;
    } else {
      this.#next = -1;
    }
  }

  hole(at: number, length: number): void {
    this.#holes.push({ at, length });
    if (this.#next === at) {
      this.#crc = crc32OfZeros(this.#crc, length);
      this.#next += length;
    } else {
      this.#next = -1;
    }
  }

  /** Gives the file its full size and returns the CRC-32 of all of it. */
  finish(): number {
    this.#tell(leastWritingBytes);
    if (this.#end < this.#size) {
      fs.ftruncateSync(this.#fd, this.#size);
    }
    return this.#next === this.#size ? this.#crc : crc32OfFile(this.#fd, this.#size, this.#holes);
  }

  #tell(least: number): void {
    if (this.#end - this.#told >= least) {
      startWriting(this.#fd, this.#told, this.#end - this.#told);
      this.#told = this.#end;
    }
  }
}

/** Reads a file of `size` bytes, its known holes left out, for its CRC-32. A file that ends before gives another one. */
export function crc32OfFile(fd: number, size: number, holes: readonly Hole[]): number {
  let crc = 0;
  let at = 0;
  for (const hole of [...holes].toSorted((left, right) => left.at - right.at)) {
    crc = crc32OfRange(fd, at, hole.at, crc);
    crc = crc32OfZeros(crc, hole.length);
    at = hole.at + hole.length;
  }
  return crc32OfRange(fd, at, size, crc);
}

function crc32OfRange(fd: number, from: number, to: number, start: number): number {
  let crc = start;
  for (let at = from; at < to;) {
    const read = fs.readSync(fd, readBuffer, 0, Math.min(readBytes, to - at), at);
    if (read === 0) {
      break;
    }
    crc = crc32(readBuffer.subarray(0, read), crc);
    at += read;
  }
  return crc;
}

function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, at + done);
  }
}
