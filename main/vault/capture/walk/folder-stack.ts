import fs from 'node:fs';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import { FileStat } from '../../../platform/file-stat.ts';
import type { SortedNames } from './sorted-names.ts';
import { openFolderAt, placeOf } from './open-folder.ts';

export type OpenedFolder = {
  fd: number;
  readonly stat: FileStat;
  readonly names: SortedNames;
  readonly pathLength: number;
};

/** Folders that stay open below the root, and above where the walk is: a tree may be deeper than the system allows descriptors. */
const openAtRoot = 32;
const openAtTop = 32;
const closed = -1;

/** The folders from the root to where the walk is. Those between are closed, and opened again from below. */
export class FolderStack implements Disposable {
  readonly #folders: OpenedFolder[] = [];

  get depth(): number {
    return this.#folders.length;
  }

  get top(): OpenedFolder | undefined {
    return this.#folders.at(-1);
  }

  push(folder: OpenedFolder): void {
    this.#folders.push(folder);
    const index = this.#folders.length - 1 - openAtTop;
    const far = this.#folders[index];
    if (index >= openAtRoot && far !== undefined) {
      fs.closeSync(far.fd);
      far.fd = closed;
    }
  }

  /** Goes up to the folder above; false when that cannot be reached any more, since the lower one was moved away meanwhile. */
  pop(): boolean {
    const left = this.#folders.pop();
    const above = this.top;
    if (left === undefined) {
      return true;
    }
    try {
      if (above !== undefined && above.fd === closed) {
        above.fd = openAbove(left, above);
      }
      return above?.fd !== closed;
    } finally {
      close(left);
    }
  }

  /** Gives up the folders that cannot be reached: what was not walked of them stays out. */
  drop(): void {
    for (let top = this.top; top !== undefined && top.fd === closed; top = this.top) {
      close(top);
      this.#folders.pop();
    }
  }

  [Symbol.dispose](): void {
    this.#folders.forEach(close);
    this.#folders.length = 0;
  }
}

function close(folder: OpenedFolder): void {
  folder.names[Symbol.dispose]();
  if (folder.fd !== closed) {
    fs.closeSync(folder.fd);
  }
}

/** Opens the folder above through `..`, which is right only as long as the lower folder has not been moved. */
function openAbove(below: OpenedFolder, above: OpenedFolder): number {
  let fd: number;
  try {
    fd = openFolderAt(`${placeOf(below.fd)}..`);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'EPERM')) {
      return closed;
    }
    throw error;
  }
  if (FileStat.of(fd).isInodeOf(above.stat)) {
    return fd;
  }
  fs.closeSync(fd);
  return closed;
}
