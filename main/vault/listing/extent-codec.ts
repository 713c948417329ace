import { maxChunkBytes } from '../chunks/chunk-store.ts';
import { damagedListing } from './byte-reader.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { holeChunk } from './extent-list.ts';
import type { ExtentList } from './extent-list.ts';

const tagHole = 0;
const tagGoesOn = 1;
const tagJump = 2;
const maxChunkNumber = 0x7fff_fffe;

/**
 * Extents as a list of: tag 0 and a length (a hole); tag 1 and a length (right after the last extent, in its chunk); or tag
 * 2 + zigzag(chunk - last chunk), offset and length. The last chunk begins as 0, its end as 0, with each block and page map.
 */
export class ExtentEncoder {
  #chunk = 0;
  #end = 0;

  reset(): void {
    this.#chunk = 0;
    this.#end = 0;
  }

  write(writer: ByteWriter, extents: ExtentList): void {
    writer.varint(extents.count);
    for (let index = 0; index < extents.count; index += 1) {
      this.#writeOne(writer, extents, index);
    }
  }

  #writeOne(writer: ByteWriter, extents: ExtentList, index: number): void {
    const chunk = extents.chunkAt(index);
    const length = extents.lengthAt(index);
    if (chunk === holeChunk) {
      writer.byte(tagHole);
      writer.varint(length);
      return;
    }
    const offset = extents.offsetAt(index);
    if (chunk === this.#chunk && offset === this.#end) {
      writer.byte(tagGoesOn);
    } else {
      const delta = chunk - this.#chunk;
      writer.varint(tagJump + (delta < 0 ? -delta * 2 - 1 : delta * 2));
      writer.varint(offset);
    }
    writer.varint(length);
    this.#chunk = chunk;
    this.#end = offset + length;
  }
}

/** Reads extents and refuses those outside of their chunk. `lengths`: plaintext bytes of each chunk, 0 for unused numbers. */
export class ExtentDecoder {
  readonly #lengths: Uint32Array;
  #chunk = 0;
  #end = 0;

  constructor(lengths: Uint32Array) {
    this.#lengths = lengths;
  }

  reset(): void {
    this.#chunk = 0;
    this.#end = 0;
  }

  read(reader: ByteReader, extents: ExtentList, maxCount: number): void {
    extents.clear();
    const count = reader.varint(Math.min(maxCount, reader.left));
    for (let index = 0; index < count; index += 1) {
      this.#readOne(reader, extents);
    }
  }

  #readOne(reader: ByteReader, extents: ExtentList): void {
    const tag = reader.varint(tagJump + maxChunkNumber * 2);
    if (tag === tagHole) {
      const length = reader.varint(Number.MAX_SAFE_INTEGER);
      if (length === 0) {
        throw damagedListing('an extent is empty');
      }
      extents.push(holeChunk, 0, length);
      return;
    }
    let offset = this.#end;
    if (tag >= tagJump) {
      const zigzag = tag - tagJump;
      this.#chunk += zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
      offset = reader.varint(maxChunkBytes);
    }
    const length = reader.varint(maxChunkBytes);
    this.#check(offset, length);
    extents.push(this.#chunk, offset, length);
    this.#end = offset + length;
  }

  #check(offset: number, length: number): void {
    if (length === 0) {
      throw damagedListing('an extent is empty');
    }
    if (
      this.#chunk < 0 ||
      this.#chunk >= this.#lengths.length ||
      offset + length > (this.#lengths[this.#chunk] ?? 0)
    ) {
      throw damagedListing('an extent lies outside of its chunk');
    }
  }
}
