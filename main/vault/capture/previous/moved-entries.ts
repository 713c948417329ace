import { BlockDecoder } from '../../listing/block-decoder.ts';
import { kinds, RawEntry } from '../../listing/raw-entry.ts';
import type { MovedFiles, PreviousFacts } from '../thread/capture-messages.ts';
import type { ThreadLink } from '../thread/thread-link.ts';

const none = -1;

/** Entries of the previous listing that are asked for out of turn, since their files were moved. Mostly they lie side by side. */
export class MovedEntries {
  readonly #link: ThreadLink;
  readonly #facts: PreviousFacts;
  readonly #moved: MovedFiles;
  readonly #decoder: BlockDecoder;
  readonly #entry = new RawEntry();
  #next = 0;
  #block = none;
  /** Which entry of the block was decoded last. */
  #index = none;

  constructor(link: ThreadLink, facts: PreviousFacts, moved: MovedFiles) {
    this.#link = link;
    this.#facts = facts;
    this.#moved = moved;
    this.#decoder = new BlockDecoder(facts.lengths);
  }

  /** What the entry of this number was; numbers are asked for in ascending order. It is right until the next call. */
  find(number: number): RawEntry | undefined {
    while (this.#next < this.#moved.length && (this.#moved[this.#next] ?? 0) < number) {
      this.#next += 3;
    }
    if (this.#moved[this.#next] !== number) {
      return undefined;
    }
    return this.#read(this.#moved[this.#next + 1] ?? 0, this.#moved[this.#next + 2] ?? 0);
  }

  #read(block: number, index: number): RawEntry | undefined {
    if ((this.#block !== block || this.#index >= index) && !this.#open(block)) {
      return undefined;
    }
    while (this.#index < index && this.#decoder.next(this.#entry)) {
      this.#index += 1;
    }
    return this.#index === index && this.#entry.kind === kinds.file ? this.#entry : undefined;
  }

  #open(block: number): boolean {
    const bytes = this.#link.readBlock(block);
    this.#block = bytes === undefined ? none : block;
    this.#index = none;
    if (bytes === undefined) {
      return false;
    }
    this.#decoder.open(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      this.#facts.blocks[block] ?? 0,
    );
    return true;
  }
}
