import { readNames } from '../../../platform/read-names.ts';
import { NameRuns } from './name-runs.ts';
import type { SortedNames } from './sorted-names.ts';

/**
 * Reads the names in an open folder. More than `mostInMemory` are sorted in runs on disk, so that a folder of a million takes no more
 * memory than another.
 */
export function readSortedNames(fd: number, mostInMemory: number): SortedNames {
  let runs: NameRuns | undefined;
  try {
    let names: string[] = [];
    for (const some of readNames(fd)) {
      names.push(...some);
      if (names.length >= mostInMemory) {
        runs ??= new NameRuns();
        runs.add(names.toSorted(byBytes));
        names = [];
      }
    }
    const sorted = names.toSorted(byBytes);
    if (runs === undefined) {
      return new NamesInMemory(sorted);
    }
    runs.add(sorted);
    return runs.merge();
  } catch (error) {
    runs?.[Symbol.dispose]();
    throw error;
  }
}

/** Each character is one byte, so the order of text is the order of bytes. */
function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

class NamesInMemory implements SortedNames {
  readonly #names: readonly string[];
  #at = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  next(): string | undefined {
    const name = this.#names[this.#at];
    this.#at += 1;
    return name;
  }

  [Symbol.dispose](): void {
    // Memory only.
  }
}
