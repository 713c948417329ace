import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import { FileStat } from '../../../platform/file-stat.ts';
import { limits } from '../../listing/limits.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';
import type { ExcludedCounts } from '../thread/capture-messages.ts';
import { HostEntry, ReplacedError } from './entry-access.ts';
import { findingOf } from './entry-capture.ts';
import type { EntryTaker } from './entry-capture.ts';
import type { ExcludeMatcher } from './exclude.ts';
import type { FindingTaker, PathFinding } from '../finding-list.ts';
import { noteOf, warningOf } from '../findings.ts';
import { FolderStack } from './folder-stack.ts';
import type { OpenedFolder } from './folder-stack.ts';
import { readSortedNames } from './folder-names.ts';
import type { SortedNames } from './sorted-names.ts';
import { openFolderAt, pathOf } from './open-folder.ts';
import type { Place } from './open-folder.ts';

const slash = 0x2f;
const mostLooks = 3;
const mostNamesInMemory = 50_000;

export type TreeWalkParts = Readonly<{
  entry: RawEntry;
  taker: EntryTaker;
  exclude: ExcludeMatcher;
  /** Names in the root that are walked; all when undefined. */
  only: ReadonlySet<string> | undefined;
  /** Links in the root in whose stead the files are captured that they lead to. */
  follow: ReadonlySet<string>;
  counts: ExcludedCounts;
  warnings: FindingTaker;
  notes: FindingTaker;
  /** Called for each path: throws when the run was cancelled. */
  onPath: () => void;
}>;

/**
 * Walks a tree in the order of listings, by open folders: whatever is renamed or replaced by a symlink meanwhile, it never leads
 * out of the tree.
 */
export class TreeWalk {
  readonly #parts: TreeWalkParts;
  readonly #stack = new FolderStack();
  /** Names of the path, latin1 text of their bytes. */
  readonly #names: string[] = [];
  readonly #stat = new FileStat();
  readonly #host = new HostEntry();

  constructor(parts: TreeWalkParts) {
    this.#parts = parts;
  }

  /** Walks what lies below an open folder, which it closes; the root's own entry comes first. */
  run(rootFd: number): void {
    const { entry, taker } = this.#parts;
    using stack = this.#stack;
    const stat = FileStat.of(rootFd);
    stack.push({
      fd: rootFd,
      stat,
      names: readSortedNames(rootFd, mostNamesInMemory),
      pathLength: 0,
    });
    entry.pathLength = 0;
    taker.addFolder(this.#host.at(rootFd), stat, entry);
    for (let folder = stack.top; folder !== undefined; folder = stack.top) {
      const name = this.#nextName(folder);
      if (name === undefined) {
        this.#leave(folder);
      } else if (this.#enterName(folder, name)) {
        this.#visit(folder, name);
      }
    }
  }

  #nextName(folder: OpenedFolder): string | undefined {
    const { only } = this.#parts;
    let name = folder.names.next();
    while (name !== undefined && folder.pathLength === 0 && only?.has(name) === false) {
      name = folder.names.next();
    }
    return name;
  }

  #leave(folder: OpenedFolder): void {
    if (!this.#stack.pop()) {
      this.#parts.entry.pathLength = this.#stack.top?.pathLength ?? folder.pathLength;
      this.#warn(warningOf.replaced);
      this.#stack.drop();
    }
  }

  /** Puts the path of a name into the entry; false where it would be too long. */
  #enterName(folder: OpenedFolder, name: string): boolean {
    const { entry } = this.#parts;
    const start = folder.pathLength === 0 ? 0 : folder.pathLength + 1;
    this.#names.length = this.#stack.depth;
    this.#names[this.#stack.depth - 1] = name;
    entry.pathLength = start + name.length;
    if (entry.pathLength > limits.pathBytes) {
      entry.pathLength = folder.pathLength;
      this.#warn(warningOf.pathTooLong);
      return false;
    }
    entry.path[start - 1] = start > 0 ? slash : (entry.path[start - 1] ?? 0);
    entry.path.write(name, start, 'latin1');
    return true;
  }

  /** Looks again where something was replaced between two looks, as programs do that write a new file and rename it. */
  #visit(folder: OpenedFolder, name: string): void {
    const place = { folder: folder.fd, name };
    this.#parts.onPath();
    for (let look = 1; look <= mostLooks; look += 1) {
      try {
        this.#take(place, folder, folder.pathLength === 0 && this.#parts.follow.has(name));
        return;
      } catch (error) {
        if (hasCode(error, 'ENOENT')) {
          this.#note(noteOf.vanished);
          return;
        }
        if (!(error instanceof ReplacedError)) {
          this.#warn(findingOf(error));
          return;
        }
      }
    }
    this.#warn(warningOf.replaced);
  }

  #take(place: Place, folder: OpenedFolder, isFollowed: boolean): void {
    const { entry, taker } = this.#parts;
    const stat = this.#stat;
    stat.lookAt(place.folder, place.name);
    if (this.#isExcluded(stat)) {
      return;
    }
    if (isFollowed && stat.isSymlink && this.#takeFileBehind(place)) {
      return;
    }
    if (stat.isFolder) {
      this.#takeFolder(place, stat, folder);
    } else if (stat.isFile) {
      taker.addFile(this.#host.at(place), stat, entry);
    } else if (stat.isSymlink) {
      taker.addSymlink(this.#host.at(place), stat, entry);
    } else {
      this.#note(stat.isFifo ? noteOf.fifo : stat.isSocket ? noteOf.socket : noteOf.device);
    }
  }

  /** Under the name of the link; false where that leads to no file. */
  #takeFileBehind(link: Place): boolean {
    const { entry, taker } = this.#parts;
    const path = behind(link);
    if (path === undefined) {
      return false;
    }
    const folder = openFolderAt(Buffer.from(dirname(path), 'latin1'));
    try {
      const stat = new FileStat();
      stat.lookAt(folder, basename(path));
      if (stat.isFile) {
        taker.addFile(this.#host.at({ folder, name: basename(path) }), stat, entry);
      }
      return stat.isFile;
    } finally {
      fs.closeSync(folder);
    }
  }

  #isExcluded(stat: FileStat): boolean {
    const { exclude, counts } = this.#parts;
    if (!exclude.matchesNames(this.#names, this.#stack.depth, stat.isFolder)) {
      return false;
    }
    counts.excludedFiles += 1;
    counts.excludedBytes += stat.isFile ? stat.size : 0;
    return true;
  }

  #takeFolder(place: Place, stat: FileStat, parent: OpenedFolder): void {
    const { entry, taker } = this.#parts;
    if (!stat.isOnDeviceOf(parent.stat)) {
      this.#warn(warningOf.otherMount);
      return;
    }
    const opened = openSame(place, stat);
    try {
      taker.addFolder(this.#host.at(opened.fd), opened.stat, entry);
    } catch (error) {
      opened.names[Symbol.dispose]();
      fs.closeSync(opened.fd);
      throw error;
    }
    this.#stack.push({ ...opened, pathLength: entry.pathLength });
  }

  #warn(finding: PathFinding): void {
    this.#parts.warnings.add(finding, this.#parts.entry.copyPath());
  }

  #note(finding: PathFinding): void {
    this.#parts.notes.add(finding, this.#parts.entry.copyPath());
  }
}

/** Latin1 text of the path that a link leads to; undefined where nothing is. */
function behind(link: Place): string | undefined {
  try {
    return fs.realpathSync(pathOf(link), { encoding: 'latin1' });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
      return undefined;
    }
    throw error;
  }
}

/** Opens the folder that was looked at, and reads its names: what cannot be read has no entry. */
function openSame(
  place: Place,
  stat: FileStat,
): Readonly<{ fd: number; stat: FileStat; names: SortedNames }> {
  const fd = openFolder(place);
  try {
    const opened = FileStat.of(fd);
    if (!opened.isInodeOf(stat)) {
      throw new ReplacedError();
    }
    return { fd, stat: opened, names: readSortedNames(fd, mostNamesInMemory) };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function openFolder(place: Place): number {
  try {
    return openFolderAt(pathOf(place));
  } catch (error) {
    if (hasCode(error, 'ENOTDIR', 'ELOOP')) {
      throw new ReplacedError();
    }
    throw error;
  }
}
