import { AppError } from '../../../../shared/lib/app-error.ts';
import { BlockDecoder } from '../../listing/block-decoder.ts';
import { comparePaths } from '../../listing/path-order.ts';
import { RawEntry } from '../../listing/raw-entry.ts';
import type { PreviousFacts } from '../thread/capture-messages.ts';
import type { ThreadLink } from '../thread/thread-link.ts';

/** Takes an entry that was passed without being found: which one of which block it is. */
export type MissedTaker = (entry: RawEntry, block: number, index: number) => void;

/** Goes through the previous listing beside the walk, which asks for paths in the same order. */
export class PreviousCursor {
  readonly #link: ThreadLink;
  readonly #blocks: Uint32Array;
  readonly #decoder: BlockDecoder;
  readonly #entry = new RawEntry();
  readonly #onMissed: MissedTaker | undefined;
  #isFound = false;
  #index = -1;
  #nextBlock = 0;
  #isOpen = false;
  #isEnded = false;
  /** Set when a block could not be read: the entries from there on are as good as new. */
  isDamaged = false;

  constructor(link: ThreadLink, facts: PreviousFacts, onMissed?: MissedTaker) {
    this.#onMissed = onMissed;
    this.#link = link;
    this.#blocks = facts.blocks;
    this.#decoder = new BlockDecoder(facts.lengths);
    this.#advance();
  }

  /** The entry at the path, if there is one. It is right until the next call. */
  find(path: Buffer, length: number): RawEntry | undefined {
    while (!this.#isEnded) {
      const order = comparePaths(this.#entry.path, this.#entry.pathLength, path, length);
      if (order >= 0) {
        this.#isFound = order === 0;
        return order === 0 ? this.#entry : undefined;
      }
      this.#advance();
    }
    return undefined;
  }

  /** What was found last counts as missed all the same. */
  miss(): void {
    this.#isFound = false;
  }

  /** Passes all that is left. */
  passRest(): void {
    while (!this.#isEnded) {
      this.#advance();
    }
  }

  #advance(): void {
    if (this.#index >= 0 && !this.#isFound) {
      this.#onMissed?.(this.#entry, this.#nextBlock - 1, this.#index);
    }
    this.#isFound = false;
    this.#index += 1;
    try {
      while (!this.#isEnded && !(this.#isOpen && this.#decoder.next(this.#entry))) {
        this.#openNext();
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'damaged') {
        throw error;
      }
      this.#giveUp();
    }
  }

  #openNext(): void {
    const entries = this.#blocks[this.#nextBlock];
    if (entries === undefined) {
      this.#isEnded = true;
      return;
    }
    this.#nextBlock += 1;
    const block = this.#link.takeBlock();
    if (block === undefined) {
      this.#giveUp();
      return;
    }
    this.#index = 0;
    this.#decoder.open(Buffer.from(block.buffer, block.byteOffset, block.length), entries);
    this.#isOpen = true;
  }

  #giveUp(): void {
    this.#isEnded = true;
    this.isDamaged = true;
  }
}
