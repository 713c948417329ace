import type { ChunkReader } from '../chunks/chunk-store.ts';
import { BlockDecoder } from './block-decoder.ts';
import { damagedListing } from './byte-reader.ts';
import { EntrySequence } from './entry-sequence.ts';
import { comparePaths } from './path-order.ts';
import { RawEntry } from './raw-entry.ts';
import type { BlockPlace, RootData } from './root-codec.ts';

const cachedBlocks = 4;

/** Reads the blocks of a listing and the entries in them; keeps the last few for look-ups that lie close together. */
export class ListingBlocks {
  readonly #reader: ChunkReader;
  readonly #data: RootData;
  readonly #cache = new Map<number, Buffer>();

  constructor(reader: ChunkReader, data: RootData) {
    this.#reader = reader;
    this.#data = data;
  }

  /** Entries of the blocks from `from` up to `to`, checked against each other. It is the same object each time, filled anew. */
  async *walk(from: number, to: number): AsyncIterable<RawEntry> {
    const { blocks, table } = this.#data;
    const decoder = new BlockDecoder(table.lengths);
    const sequence = new EntrySequence(from === 0);
    const entry = new RawEntry();
    let index = from;
    for await (const bytes of this.#read(from, to)) {
      const place = checkedPlace(blocks[index], bytes);
      decoder.open(bytes, place.entries);
      for (let isFirst = true; decoder.next(entry); isFirst = false) {
        if (isFirst && !isAt(entry, place.firstPath)) {
          throw damagedListing('a block does not begin where its index says');
        }
        sequence.check(entry);
        yield entry;
      }
      index += 1;
      const next = blocks[index]?.firstPath;
      if (next !== undefined && comparePaths(entry.path, entry.pathLength, next, next.length) >= 0) {
        throw damagedListing('a block ends after the next one begins');
      }
    }
  }

  async *#read(from: number, to: number): AsyncIterable<Buffer> {
    if (to - from === 1) {
      yield await this.#readOne(from);
    } else {
      yield* this.#reader.readMany(this.#data.blocks.slice(from, to).map((block) => block.id));
    }
  }

  async #readOne(index: number): Promise<Buffer> {
    const cached = this.#cache.get(index);
    if (cached !== undefined) {
      return cached;
    }
    const bytes = await this.#reader.read(this.#data.blocks[index]?.id ?? new Uint8Array());
    const [oldest] = this.#cache.keys();
    if (this.#cache.size >= cachedBlocks && oldest !== undefined) {
      this.#cache.delete(oldest);
    }
    this.#cache.set(index, bytes);
    return bytes;
  }
}

function checkedPlace(place: BlockPlace | undefined, bytes: Buffer): BlockPlace {
  if (place === undefined || place.bytes !== bytes.length) {
    throw damagedListing('a block has another length');
  }
  return place;
}

function isAt(entry: RawEntry, path: Buffer): boolean {
  return comparePaths(entry.path, entry.pathLength, path, path.length) === 0;
}
