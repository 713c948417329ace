import { comparePaths, isWithin } from './path-order.ts';
import type { BlockPlace } from './root-codec.ts';

const slash = 0x2f;

/** Finds blocks by the first path of each. */
export class BlockIndex {
  readonly #blocks: readonly BlockPlace[];

  constructor(blocks: readonly BlockPlace[]) {
    this.#blocks = blocks;
  }

  /** The one block that can hold this path. */
  blockOf(path: Buffer): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const first = this.#firstPath(middle);
      if (first !== undefined && comparePaths(first, first.length, path, path.length) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The block after the last one that can hold what lies at or below `path`. */
  endOf(path: Buffer): number {
    let end = this.blockOf(path) + 1;
    while (end < this.#blocks.length && this.#beginsWithin(end, path)) {
      end += 1;
    }
    return end;
  }

  /** The next block after `index` that can hold direct children of `folder`; undefined when none can. */
  nextWithChildren(index: number, folder: Buffer): number | undefined {
    let next = index + 1;
    while (this.#isBelowOneChild(next, folder)) {
      next += 1;
    }
    return this.#beginsWithin(next, folder) ? next : undefined;
  }

  /** Whether a block holds only what lies below one child: it begins below that child, and so does the block after it. */
  #isBelowOneChild(index: number, folder: Buffer): boolean {
    const first = this.#firstPath(index);
    if (first === undefined || !isWithin(first, folder)) {
      return false;
    }
    const end = first.indexOf(slash, folder.length === 0 ? 0 : folder.length + 1);
    return end !== -1 && this.#beginsWithin(index + 1, first.subarray(0, end));
  }

  #beginsWithin(index: number, folder: Buffer): boolean {
    const first = this.#firstPath(index);
    return first !== undefined && isWithin(first, folder);
  }

  #firstPath(index: number): Buffer | undefined {
    return this.#blocks[index]?.firstPath;
  }
}
