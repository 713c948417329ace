import { damagedListing } from '../listing/byte-reader.ts';
import type { Entry, FolderEntry } from '../listing/entry.ts';
import { isWithin, parentLength } from '../listing/path-order.ts';
import type { TreePlace } from './tree-ops.ts';

type Level = { readonly entry: FolderEntry; number: number | undefined };

export type FolderEvents = Readonly<{
  /** The root is number 0; a folder comes after the one that holds it. */
  folder: (number: number, place: TreePlace, entry: FolderEntry) => void;
  /** Nothing more lies in it; folders within it were finished before. */
  finished: (number: number) => void;
}>;

/**
 * Numbers the folders of a listing as its entries come, and says which have ended. A folder that is not wanted itself is made once
 * something below it is.
 */
export class TreeOrder {
  readonly #levels: Level[] = [];
  readonly #events: FolderEvents;
  #count = 0;

  constructor(events: FolderEvents) {
    this.#events = events;
  }

  enter(entry: FolderEntry, wanted: boolean): void {
    this.#leaveFor(entry.path);
    const isRoot = entry.path.length === 0;
    if (isRoot !== (this.#levels.length === 0)) {
      throw outsideOfAll();
    }
    this.#levels.push({ entry, number: undefined });
    if (wanted || isRoot) {
      this.#makeAll();
    }
  }

  /** Where an entry that is no folder goes. */
  placeOf(entry: Entry): TreePlace {
    this.#leaveFor(entry.path);
    return { parent: this.#makeAll(), name: nameOf(entry.path) };
  }

  /** No entry follows. */
  end(): void {
    while (this.#levels.length > 0) {
      this.#leave();
    }
  }

  #leaveFor(path: Buffer): void {
    const length = parentLength(path, path.length);
    for (let top = this.#levels.at(-1); top !== undefined; top = this.#levels.at(-1)) {
      if (top.entry.path.length === length && isWithin(path, top.entry.path)) {
        return;
      }
      this.#leave();
    }
  }

  #leave(): void {
    const number = this.#levels.pop()?.number;
    if (number !== undefined) {
      this.#events.finished(number);
    }
  }

  /** Numbers every folder that is open, and returns the number of the innermost. */
  #makeAll(): number {
    let parent: number | undefined;
    for (const level of this.#levels) {
      if (level.number === undefined) {
        level.number = this.#count;
        this.#count += 1;
        this.#events.folder(
          level.number,
          { parent: parent ?? 0, name: nameOf(level.entry.path) },
          level.entry,
        );
      }
      parent = level.number;
    }
    if (parent === undefined) {
      throw outsideOfAll();
    }
    return parent;
  }
}

function outsideOfAll(): Error {
  return damagedListing('an entry lies in no folder');
}

function nameOf(path: Buffer): Buffer {
  const folder = parentLength(path, path.length);
  return folder === 0 ? path : path.subarray(folder + 1);
}
