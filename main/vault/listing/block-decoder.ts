import { maxChunkBytes } from '../chunks/chunk-store.ts';
import { ByteReader, damagedListing } from './byte-reader.ts';
import { flagBits } from './entry-encoder.ts';
import { ExtentDecoder } from './extent-codec.ts';
import { limits } from './limits.ts';
import { comparePaths, isCleanPath } from './path-order.ts';
import { contentHashBytes, kinds } from './raw-entry.ts';
import type { Kind, RawEntry } from './raw-entry.ts';
import { readXattrBytes } from './xattr-codec.ts';

const kindMask = 3;
const fileBits = flagBits.racy | flagBits.paged | flagBits.linked | flagBits.hashed;
const knownBits = kindMask | flagBits.xattrs | fileBits;
const kindsByNumber: readonly Kind[] = [kinds.folder, kinds.symlink, kinds.hardlink, kinds.file];

function bitsOf(kind: Kind): number {
  if (kind === kinds.file) {
    return fileBits;
  }
  return kind === kinds.symlink ? flagBits.linked : 0;
}

/**
 * Reads the entries of one block after the other. Each entry is checked by itself here; how it follows the one before is checked
 * by EntrySequence. Views that it puts into the entry (attributes, target) last as long as the block.
 */
export class BlockDecoder {
  readonly #reader = new ByteReader();
  readonly #lengths: Uint32Array;
  readonly #extents: ExtentDecoder;
  #left = 0;
  #isFirst = true;

  /** `lengths`: plaintext bytes of each chunk of the chunk table, 0 for unused numbers. */
  constructor(lengths: Uint32Array) {
    this.#lengths = lengths;
    this.#extents = new ExtentDecoder(lengths);
  }

  open(block: Buffer, entries: number): void {
    if (block.length > maxChunkBytes) {
      throw damagedListing('a block is too long');
    }
    this.#reader.open(block);
    this.#extents.reset();
    this.#left = entries;
    this.#isFirst = true;
  }

  /** Fills `entry`, which must be the same from the first entry of a block to its last; false at the end of the block. */
  next(entry: RawEntry): boolean {
    if (this.#left === 0) {
      this.#reader.end();
      return false;
    }
    this.#left -= 1;
    entry.clearContent();
    this.#readPath(entry);
    const flags = this.#readFlags(entry);
    this.#readStat(entry);
    if ((flags & flagBits.xattrs) !== 0) {
      entry.xattrs = readXattrBytes(this.#reader);
    }
    this.#readKind(entry);
    return true;
  }

  #readPath(entry: RawEntry): void {
    const reader = this.#reader;
    const shared = reader.varint(this.#isFirst ? 0 : entry.pathLength);
    const length = shared + reader.varint(limits.pathBytes - shared);
    reader.copyTo(entry.path, shared, length - shared);
    entry.pathLength = length;
    this.#isFirst = false;
    if (!isCleanPath(entry.path, length)) {
      throw damagedListing('a path is not clean');
    }
  }

  #readFlags(entry: RawEntry): number {
    const flags = this.#reader.byte();
    entry.kind = kindsByNumber[flags & kindMask] ?? kinds.folder;
    if ((flags & ~knownBits) !== 0 || (flags & fileBits & ~bitsOf(entry.kind)) !== 0) {
      throw damagedListing('an entry has unknown flags');
    }
    entry.racy = (flags & flagBits.racy) !== 0;
    entry.paged = (flags & flagBits.paged) !== 0;
    entry.linked = (flags & flagBits.linked) !== 0;
    entry.hashed = (flags & flagBits.hashed) !== 0;
    return flags;
  }

  #readStat(entry: RawEntry): void {
    const reader = this.#reader;
    entry.mode = reader.varint(limits.mode);
    entry.uid = reader.varint(limits.id);
    entry.gid = reader.varint(limits.id);
    entry.mtimeLow = reader.uint32();
    entry.mtimeHigh = reader.int32();
    entry.ctimeLow = reader.uint32();
    entry.ctimeHigh = reader.int32();
    entry.inodeLow = reader.uint32();
    entry.inodeHigh = reader.uint32();
  }

  #readKind(entry: RawEntry): void {
    if (entry.kind === kinds.folder) {
      entry.size = 0;
    } else if (entry.kind === kinds.file) {
      this.#readContent(entry);
    } else if (entry.kind === kinds.symlink) {
      this.#readSymlink(entry);
    } else {
      this.#readHardLink(entry);
    }
  }

  #readSymlink(entry: RawEntry): void {
    entry.target = this.#reader.view(this.#reader.varint(limits.symlinkBytes));
    entry.size = entry.target.length;
    if (entry.size === 0 || entry.target.includes(0)) {
      throw damagedListing('the target of a symlink');
    }
  }

  #readHardLink(entry: RawEntry): void {
    entry.size = this.#reader.varint(Number.MAX_SAFE_INTEGER);
    entry.target = this.#reader.view(this.#reader.varint(limits.pathBytes));
    const { target } = entry;
    if (target.length === 0 || !isCleanPath(target, target.length)) {
      throw damagedListing('the first name of a hard link is not clean');
    }
    if (comparePaths(target, target.length, entry.path, entry.pathLength) >= 0) {
      throw damagedListing('the first name of a hard link comes after it');
    }
  }

  #readContent(entry: RawEntry): void {
    const reader = this.#reader;
    entry.size = reader.varint(Number.MAX_SAFE_INTEGER);
    entry.crc32 = reader.uint32();
    if (entry.hashed) {
      reader.copyTo(entry.hash, 0, contentHashBytes);
    }
    this.#extents.read(reader, entry.extents, limits.inlineExtents);
    const length = entry.extents.totalLength();
    if (entry.paged) {
      entry.dataBytes = reader.varint(entry.size);
      entry.runs.read(reader, this.#lengths);
      if (length === 0 || length > limits.pageMapBytes || length !== entry.extents.dataLength()) {
        throw damagedListing('the length of a page map');
      }
    } else if (length !== entry.size) {
      throw damagedListing('the extents of a file do not make its size');
    }
  }
}
