import { damagedListing } from './byte-reader.ts';
import { limits } from './limits.ts';
import { comparePaths, isPrefix, parentLength } from './path-order.ts';
import { kinds } from './raw-entry.ts';
import type { RawEntry } from './raw-entry.ts';

/** What the order of entries depends on. */
export type SequencedEntry = Readonly<Pick<RawEntry, 'path' | 'pathLength' | 'kind'>>;

/**
 * Checks that entries follow each other as the entries of a tree do: strictly ascending, each in a folder that was an entry
 * before. Begun in the middle of a listing, it takes the folders above the first entry for granted.
 */
export class EntrySequence {
  readonly #path = Buffer.alloc(limits.pathBytes);
  #length = 0;
  #isFolder = false;
  #isBegun = false;

  /** `true` when the next entry must be the root of the tree. */
  readonly #fromRoot: boolean;

  constructor(fromRoot: boolean) {
    this.#fromRoot = fromRoot;
  }

  check(entry: SequencedEntry): void {
    if (!this.#isBegun) {
      this.#begin(entry);
    } else if (comparePaths(entry.path, entry.pathLength, this.#path, this.#length) <= 0) {
      throw damagedListing('its entries are out of order');
    } else if (!this.#hasParent(entry)) {
      throw damagedListing('an entry lies in no folder');
    }
    entry.path.copy(this.#path, 0, 0, entry.pathLength);
    this.#length = entry.pathLength;
    this.#isFolder = entry.kind === kinds.folder;
  }

  #begin(entry: SequencedEntry): void {
    this.#isBegun = true;
    if (this.#fromRoot && (entry.pathLength !== 0 || entry.kind !== kinds.folder)) {
      throw damagedListing('it does not begin with the root folder');
    }
    if (entry.pathLength === 0 && entry.kind !== kinds.folder) {
      throw damagedListing('its root is no folder');
    }
  }

  /** The parent is the entry before, when that is a folder, or a folder above it. */
  #hasParent(entry: SequencedEntry): boolean {
    const parent = parentLength(entry.path, entry.pathLength);
    if (!isPrefix(this.#path, this.#length, entry.path, parent)) {
      return false;
    }
    return parent < this.#length || this.#isFolder;
  }
}
