import type { FileStat } from '../../../platform/file-stat.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';

type FirstName = { readonly path: Buffer; left: number };

/** First names of inodes that have more than one; forgotten when the last of them was met. */
export class HardLinks {
  readonly #names = new Map<string, FirstName>();

  /** The path of the first name of this inode, when another name of it was met before. */
  firstNameOf(stat: FileStat): Buffer | undefined {
    if (stat.nlink < 2) {
      return undefined;
    }
    const key = keyOf(stat);
    const name = this.#names.get(key);
    if (name === undefined) {
      return undefined;
    }
    name.left -= 1;
    if (name.left <= 0) {
      this.#names.delete(key);
    }
    return name.path;
  }

  /** Remembers a first name, where others may follow: true then. */
  add(stat: FileStat, entry: RawEntry): boolean {
    if (stat.nlink < 2) {
      return false;
    }
    this.#names.set(keyOf(stat), { path: entry.copyPath(), left: stat.nlink - 1 });
    return true;
  }
}

/** With the time of birth: the number of an inode that went away while we walk may be given to another. */
function keyOf(stat: FileStat): string {
  const { deviceMajor, deviceMinor, inodeLow, inodeHigh, birthLow, birthHigh } = stat;
  return [deviceMajor, deviceMinor, inodeLow, inodeHigh, birthLow, birthHigh].join(':');
}
