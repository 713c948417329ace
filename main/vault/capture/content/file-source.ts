import { FileStat } from '../../../platform/file-stat.ts';
import { nextData, nextHole } from '../../../platform/libc.ts';
import { readRange } from './read-range.ts';
import { readXattrBytes } from '../walk/read-xattrs.ts';

const mostPasses = 3;

/** The content of one file, read from its first byte to its last, in passes until it stays as it was. */
export interface FileSource {
  /** What it was before the first byte of this pass. */
  readonly stat: FileStat;
  /** Whether parts of it have no blocks on disk. */
  readonly isSparse: boolean;
  /** Its first bytes, as far as they are at hand; the content is read from 0 all the same. */
  header(target: Uint8Array): number;
  /** Fills `target` from `position` on, which never goes back within a pass; fewer bytes only where the file ends. */
  read(target: Uint8Array, position: number): number;
  /** First byte at or after `offset` that is data; undefined when none follows. */
  nextData(offset: number): number | undefined;
  /** First byte at or after `offset` that may lie in a hole. */
  nextHole(offset: number): number | undefined;
  /** Whether it stayed as it was, `length` bytes of it having been there. Ends the pass. */
  isSteady(length: number): boolean;
  /** Whether the pass that ended was the last. */
  readonly isLast: boolean;
  /** Begins another pass; false when there is none. */
  again(): boolean;
  /** All extended attributes, as encoded; undefined when they are too many. After the last pass. */
  readXattrs(): Buffer | undefined;
}

/** A file of this host by its open descriptor, which stays the caller's. */
export class OpenFile implements FileSource {
  readonly #fd: number;
  /** What it was when the last pass ended. */
  readonly after = new FileStat();
  #passes = 1;
  stat: FileStat;

  constructor(fd: number, stat: FileStat) {
    this.#fd = fd;
    this.stat = stat;
  }

  get isSparse(): boolean {
    const { size, blocks } = this.stat;
    // Fewer blocks may as well mean that the file system compresses.
    return blocks * 512 < size && (nextHole(this.#fd, 0) ?? size) < size;
  }

  header(target: Uint8Array): number {
    return readRange(this.#fd, target, 0);
  }

  read(target: Uint8Array, position: number): number {
    return readRange(this.#fd, target, position);
  }

  nextData(offset: number): number | undefined {
    return nextData(this.#fd, offset);
  }

  nextHole(offset: number): number | undefined {
    return nextHole(this.#fd, offset);
  }

  isSteady(length: number): boolean {
    this.after.lookIn(this.#fd);
    return length === this.stat.size && this.after.isUnchangedSince(this.stat);
  }

  get isLast(): boolean {
    return this.#passes === mostPasses;
  }

  again(): boolean {
    if (this.isLast) {
      return false;
    }
    this.#passes += 1;
    this.stat = FileStat.of(this.#fd);
    return true;
  }

  readXattrs(): Buffer | undefined {
    return readXattrBytes(this.#fd);
  }
}
