import type { Transferable } from 'node:worker_threads';
import type { ChunkReader } from '../../chunks/chunk-store.ts';
import type { Extent } from '../../listing/entry.ts';
import type { Listing } from '../../listing/listing.ts';
import { readExtents } from '../../listing/read-extents.ts';
import { BlockSender, isGone } from './block-sender.ts';
import type { ToThread } from '../thread/capture-messages.ts';

type Post = (message: ToThread, transfer: readonly Transferable[]) => void;

/** Gives a thread what it asks for of the previous listing. */
export class PreviousSender {
  readonly #listing: Listing | undefined;
  readonly #reader: ChunkReader;
  readonly #post: Post;
  readonly #blocks: BlockSender | undefined;

  constructor({ previous, reader }: Readonly<{ previous?: Listing; reader: ChunkReader }>, post: Post) {
    this.#listing = previous;
    this.#reader = reader;
    this.#post = post;
    this.#blocks =
      previous === undefined
        ? undefined
        : new BlockSender(previous, reader, (bytes) => {
            post({ type: 'block', bytes }, bytes === undefined ? [] : [bytes.buffer]);
          });
  }

  /** Sends its blocks one after the other, as the thread takes them. */
  async run(): Promise<void> {
    await this.#blocks?.run();
  }

  blockTaken(): void {
    this.#blocks?.taken();
  }

  stop(): void {
    this.#blocks?.stop();
  }

  /** Answers with content of it (a page map). */
  async answer(extents: readonly Extent[]): Promise<void> {
    await this.#answer(async (listing) => await readExtents(this.#reader, listing.data.table, extents));
  }

  /** Answers with one of its blocks, out of turn. */
  async answerBlock(index: number): Promise<void> {
    await this.#answer(
      async ({ data }) => await this.#reader.read(data.blocks[index]?.id ?? new Uint8Array()),
    );
  }

  async #answer(read: (listing: Listing) => Promise<Uint8Array>): Promise<void> {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    try {
      // A copy, since it is given away and the reader may keep its own.
      bytes = this.#listing === undefined ? undefined : new Uint8Array(await read(this.#listing));
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
    }
    this.#post({ type: 'previous', bytes }, bytes === undefined ? [] : [bytes.buffer]);
  }
}
