import { AppError } from '../../../../shared/lib/app-error.ts';
import type { ChunkReader } from '../../chunks/chunk-store.ts';
import type { Listing } from '../../listing/listing.ts';
import { blocksAhead } from '../thread/capture-messages.ts';

const groupBytes = 2 * 1024 * 1024;

export type BlockTaker = (bytes: Uint8Array<ArrayBuffer> | undefined) => void;

/** Sends the blocks of the previous listing to the thread, a few ahead of where it is. */
export class BlockSender {
  readonly #listing: Listing;
  readonly #reader: ChunkReader;
  readonly #send: BlockTaker;
  #ahead = 0;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(listing: Listing, reader: ChunkReader, send: BlockTaker) {
    this.#listing = listing;
    this.#reader = reader;
    this.#send = send;
  }

  /** Resolves when all blocks were sent or it was stopped; after a damaged one nothing more is sent but that. */
  async run(): Promise<void> {
    try {
      for (const ids of this.#groups()) {
        await this.#sendGroup(ids);
      }
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
      this.#send(undefined);
    }
  }

  /** The thread took one. */
  taken(): void {
    this.#ahead -= 1;
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async #sendGroup(ids: readonly Uint8Array[]): Promise<void> {
    for await (const bytes of this.#reader.readMany(ids)) {
      await this.#room();
      if (this.#isStopped) {
        return;
      }
      this.#ahead += 1;
      // A copy, since it is given away and the reader may keep its own.
      this.#send(new Uint8Array(bytes));
    }
  }

  /** Ids of blocks in groups of few bytes: a reader that is asked for all reads further ahead than a walk needs. */
  *#groups(): Iterable<readonly Uint8Array[]> {
    let ids: Uint8Array[] = [];
    let length = 0;
    for (const block of this.#listing.data.blocks) {
      ids.push(block.id);
      length += block.bytes;
      if (length >= groupBytes) {
        yield ids;
        ids = [];
        length = 0;
      }
    }
    yield ids;
  }

  async #room(): Promise<void> {
    while (this.#ahead >= blocksAhead && !this.#isStopped) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}

/** What a backup can do without: it reads from the source what the vault cannot give. */
export function isGone(error: unknown): boolean {
  return error instanceof AppError && (error.kind === 'damaged' || error.kind === 'not-found');
}
