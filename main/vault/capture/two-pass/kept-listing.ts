import fs from 'node:fs';
import type { ListingRoot } from '../../../../shared/model/manifest.ts';
import type { ChunkReader, ChunkWriter } from '../../chunks/chunk-store.ts';
import type { Listing } from '../../listing/listing.ts';
import { decodeRoot } from '../../listing/root-codec.ts';
import { StoredListing } from '../../listing/stored-listing.ts';
import type { ListingPart } from '../capture.ts';
import { writeWhole } from '../select/stream-file.ts';

type BlockPlace = Readonly<{ at: number; length: number }>;

export type KeptListingOpened = Readonly<{ listing: Listing; reader: ChunkReader }>;

/**
 * A listing of this run, kept in a file beside the vault while it is made: what it takes to compare with it is at hand however long the
 * vault takes to answer.
 */
export class KeptListing implements Disposable {
  readonly #fd: number;
  readonly #blocks: BlockPlace[] = [];
  readonly #root: Buffer[] = [];
  #length = 0;

  /** Makes the file (0600). */
  constructor(file: string) {
    this.#fd = fs.openSync(file, 'wx+', 0o600);
  }

  /** For `onListingPart` of the capture that makes it. */
  readonly keep = ({ kind, bytes }: ListingPart): void => {
    if (kind === 'root') {
      this.#root.push(Buffer.from(bytes));
      return;
    }
    writeWhole(this.#fd, bytes);
    this.#blocks.push({ at: this.#length, length: bytes.length });
    this.#length += bytes.length;
  };

  /** The listing, when its capture is done, and a reader that has its blocks at hand. */
  open(root: ListingRoot, vault: ChunkReader & ChunkWriter): KeptListingOpened {
    const data = decodeRoot(Buffer.concat(this.#root));
    const places = new Map<string, BlockPlace>();
    data.blocks.forEach(({ id }, number) => {
      const place = this.#blocks[number];
      if (place !== undefined) {
        places.set(hexOf(id), place);
      }
    });
    const reader = new KeptReader(this.#fd, places, vault);
    return { listing: new StoredListing(reader, root, data), reader };
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#fd);
  }
}

/** Reads the kept blocks from their file, and everything else from the vault. */
class KeptReader implements ChunkReader {
  readonly #fd: number;
  readonly #places: ReadonlyMap<string, BlockPlace>;
  readonly #vault: ChunkReader & ChunkWriter;

  constructor(fd: number, places: ReadonlyMap<string, BlockPlace>, vault: ChunkReader & ChunkWriter) {
    this.#fd = fd;
    this.#places = places;
    this.#vault = vault;
  }

  async read(id: Uint8Array): Promise<Buffer> {
    const place = this.#places.get(hexOf(id));
    if (place !== undefined) {
      return this.#readKept(place);
    }
    if (this.#vault.lengthOf(id) === undefined) {
      // It stands in a pack of this run that is being filled.
      await this.#vault.flush();
    }
    return await this.#vault.read(id);
  }

  async *readMany(ids: Iterable<Uint8Array>): AsyncGenerator<Buffer> {
    for (const id of ids) {
      yield await this.read(id);
    }
  }

  lengthOf(id: Uint8Array): number | undefined {
    return this.#places.get(hexOf(id))?.length ?? this.#vault.lengthOf(id);
  }

  /**
   * At once: what Node does beside the main thread has to wait behind calls to a storage that stalls. A block is read in less time than
   * it takes to hand it over.
   */
  #readKept({ at, length }: BlockPlace): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const read = fs.readSync(this.#fd, bytes, done, length - done, at + done);
      if (read === 0) {
        throw new Error('A kept listing ended early.');
      }
      done += read;
    }
    return bytes;
  }
}

function hexOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}
