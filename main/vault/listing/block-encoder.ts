import { crc32 } from 'node:zlib';
import { ByteWriter } from './byte-writer.ts';
import { EntryEncoder } from './entry-encoder.ts';
import type { RawEntry } from './raw-entry.ts';

const smallestBlock = 65_536;
const largestBlock = 524_288;
/** One path in so many ends a block that is long enough: where blocks end depends on names, not on what was inserted before. */
const borderMask = 0xff;

/** A finished block; `bytes` is a view, right until the next entry is added. */
export type EncodedBlock = Readonly<{ bytes: Buffer; firstPath: Buffer; entries: number }>;

/** Cuts entries into blocks that stand alone. */
export class BlockEncoder {
  readonly #writer = new ByteWriter(largestBlock);
  readonly #encoder = new EntryEncoder();
  #firstPath: Buffer = Buffer.alloc(0);
  #entries = 0;
  #isFinished = false;

  /** Adds an entry, which must follow the one before in order; gives the block that it ends, if it ends one. */
  add(entry: RawEntry): EncodedBlock | undefined {
    if (this.#isFinished) {
      this.#begin();
    }
    if (this.#entries === 0) {
      this.#firstPath = entry.copyPath();
    }
    this.#encoder.write(this.#writer, entry);
    this.#entries += 1;
    return this.#isBorder(entry) ? this.#end() : undefined;
  }

  /** The last block, if entries are left. */
  finish(): EncodedBlock | undefined {
    return this.#isFinished || this.#entries === 0 ? undefined : this.#end();
  }

  #isBorder(entry: RawEntry): boolean {
    const length = this.#writer.length;
    if (length < smallestBlock) {
      return false;
    }
    return length >= largestBlock || (crc32(entry.path.subarray(0, entry.pathLength)) & borderMask) === 0;
  }

  #end(): EncodedBlock {
    this.#isFinished = true;
    return { bytes: this.#writer.written, firstPath: this.#firstPath, entries: this.#entries };
  }

  #begin(): void {
    this.#writer.reset();
    this.#encoder.reset();
    this.#entries = 0;
    this.#isFinished = false;
  }
}
