import type { ChunkReader } from '../../vault/chunks/chunk-store.ts';
import { toEntry } from '../../vault/listing/entry-object.ts';
import type { Entry } from '../../vault/listing/entry.ts';
import { ListingBlocks } from '../../vault/listing/listing-blocks.ts';
import type { Listing } from '../../vault/listing/listing.ts';

/**
 * Goes through a listing block by block. Blocks with the same id hold the same entries, whichever listing they are part of: who
 * compares listings leaves them out unread.
 */
export class BlockCursor {
  readonly #listing: Listing;
  readonly #blocks: ListingBlocks;
  #block = 0;
  #entries: readonly Entry[] | undefined;
  #at = 0;

  constructor(listing: Listing, reader: ChunkReader) {
    this.#listing = listing;
    this.#blocks = new ListingBlocks(reader, listing.data);
  }

  /** Id of the block that begins here, hexadecimal; undefined within a block and at the end. */
  get blockId(): string | undefined {
    const block = this.#at === 0 ? this.#listing.data.blocks[this.#block] : undefined;
    return block === undefined ? undefined : Buffer.from(block.id).toString('hex');
  }

  /** The entry here; undefined at the end. */
  async entry(): Promise<Entry | undefined> {
    return (await this.block())[this.#at];
  }

  /** All entries of the block here; none at the end. */
  async block(): Promise<readonly Entry[]> {
    if (this.#block >= this.#listing.data.blocks.length) {
      return [];
    }
    this.#entries ??= await this.#read();
    return this.#entries;
  }

  next(): void {
    this.#at += 1;
    if (this.#entries !== undefined && this.#at >= this.#entries.length) {
      this.skipBlock();
    }
  }

  skipBlock(): void {
    this.#block += 1;
    this.#at = 0;
    this.#entries = undefined;
  }

  async #read(): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for await (const raw of this.#blocks.walk(this.#block, this.#block + 1)) {
      entries.push(toEntry(raw));
    }
    return entries;
  }
}
