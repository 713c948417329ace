import type { RawEntry } from '../../listing/raw-entry.ts';

const wordsPerRow = 10;
const comparedWords = 8;
const firstRows = 1024;
const two32 = 2 ** 32;

/** More are not remembered: their files are read again. 20 MB. */
export const mostRows = 500_000;

/** Files by what tells them apart wherever they lie (inode, size, times), with two numbers that the caller gives to each. */
export class InodeTable {
  #words = new Uint32Array(firstRows * wordsPerRow);
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  add(file: RawEntry, first: number, second: number): void {
    if (this.#rows === mostRows) {
      return;
    }
    if (this.#rows * wordsPerRow === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    const at = this.#rows * wordsPerRow;
    const words = this.#words;
    words[at] = file.inodeLow;
    words[at + 1] = file.inodeHigh;
    words[at + 2] = file.size % two32;
    words[at + 3] = Math.floor(file.size / two32);
    words[at + 4] = file.mtimeLow;
    words[at + 5] = file.mtimeHigh;
    words[at + 6] = file.ctimeLow;
    words[at + 7] = file.ctimeHigh;
    words[at + 8] = first;
    words[at + 9] = second;
    this.#rows += 1;
  }

  first(row: number): number {
    return this.#word(row, 8);
  }

  second(row: number): number {
    return this.#word(row, 9);
  }

  /** Rows by inode. Where that is too large to be exact, `isSame` tells. */
  byInode(): ReadonlyMap<number, number> {
    const rows = new Map<number, number>();
    for (let row = 0; row < this.#rows; row += 1) {
      rows.set(this.inode(row), row);
    }
    return rows;
  }

  inode(row: number): number {
    return this.#word(row, 0) + this.#word(row, 1) * two32;
  }

  /** Whether a row of this table and one of another are one file, and it stayed as it was. */
  isSame(row: number, other: InodeTable, otherRow: number): boolean {
    for (let word = 0; word < comparedWords; word += 1) {
      if (this.#word(row, word) !== other.#word(otherRow, word)) {
        return false;
      }
    }
    return true;
  }

  #word(row: number, word: number): number {
    return this.#words[row * wordsPerRow + word] ?? 0;
  }
}

/** Gives each file of `found` that is one of `missed` to `take`, in the order of `found`. */
export function matchMoved(
  found: InodeTable,
  missed: InodeTable,
  take: (foundRow: number, missedRow: number) => void,
): void {
  const rows = missed.byInode();
  for (let row = 0; row < found.rows; row += 1) {
    const other = rows.get(found.inode(row));
    if (other !== undefined && found.isSame(row, missed, other)) {
      take(row, other);
    }
  }
}
