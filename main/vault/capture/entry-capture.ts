import fs from 'node:fs';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { FileStat } from '../../platform/file-stat.ts';
import { kinds } from '../listing/raw-entry.ts';
import type { RawEntry } from '../listing/raw-entry.ts';
import type { CaptureCounts } from './capture-messages.ts';
import type { ContentContext } from './content-context.ts';
import { fillStat } from './entry-stat.ts';
import { FileContentReader } from './file-content.ts';
import type { FindingList, PathFinding } from './finding-list.ts';
import { unreadable, warningOf, xattrsUnreadable } from './findings.ts';
import { HardLinks } from './hard-links.ts';
import type { ListingOutput } from './listing-output.ts';
import { openFileAt, pathOf } from './open-folder.ts';
import type { Place } from './open-folder.ts';
import { readXattrBytes } from './read-xattrs.ts';

/** Thrown when something took the place of what was looked at: look again. */
export class ReplacedError extends Error {
  override name = 'ReplacedError';
}

export type EntryCaptureParts = Readonly<{
  context: ContentContext;
  counts: CaptureCounts;
  output: Pick<ListingOutput, 'add'>;
  warnings: FindingList;
  racyFromNs: bigint;
  nowNs: bigint;
}>;

/** Makes entries of what the walk finds. The path stands in `entry` already. */
export class EntryCapture {
  readonly #parts: EntryCaptureParts;
  readonly #content: FileContentReader;
  readonly #links = new HardLinks();

  constructor(parts: EntryCaptureParts) {
    this.#parts = parts;
    this.#content = new FileContentReader(parts.context);
  }

  /** An open folder. */
  addFolder(fd: number, stat: FileStat, entry: RawEntry): void {
    entry.kind = kinds.folder;
    this.#begin(entry, stat);
    entry.size = 0;
    this.#addXattrs(entry, fd);
    this.#parts.output.add(entry);
  }

  addSymlink(place: Place, stat: FileStat, entry: RawEntry): void {
    const target = readLink(place);
    const again = new FileStat();
    again.lookAt(place.folder, place.name);
    if (!again.isInodeOf(stat)) {
      throw new ReplacedError();
    }
    const firstName = this.#links.firstNameOf(stat);
    entry.kind = firstName === undefined ? kinds.symlink : kinds.hardlink;
    this.#begin(entry, stat);
    entry.target = firstName ?? target;
    entry.size = target.length;
    this.#addXattrs(entry, place);
    entry.linked = firstName === undefined && this.#links.add(stat, entry);
    this.#parts.output.add(entry);
  }

  addFile(place: Place, stat: FileStat, entry: RawEntry): void {
    const firstName = this.#links.firstNameOf(stat);
    const previous = this.#parts.context.previous?.find(entry.path, entry.pathLength);
    this.#begin(entry, stat);
    if (firstName !== undefined) {
      entry.kind = kinds.hardlink;
      entry.target = firstName;
      this.#addXattrs(entry, place);
    } else {
      entry.kind = kinds.file;
      if (previous === undefined || !this.#takeOver(entry, previous)) {
        this.#readFile(place, stat, entry, previous);
      }
      entry.linked = this.#links.add(stat, entry);
    }
    this.#parts.output.add(entry);
  }

  #begin(entry: RawEntry, stat: FileStat): void {
    entry.clearContent();
    if (!fillStat(entry, stat)) {
      this.#warn(warningOf.time, entry);
    }
  }

  /** An unchanged file is not opened: its attributes cannot have changed either, since that moves ctime. */
  #takeOver(entry: RawEntry, previous: RawEntry): boolean {
    const files = this.#parts.context.previous;
    if (files === undefined || !files.isUnchanged(entry, previous) || !files.takeOver(entry, previous)) {
      return false;
    }
    entry.xattrs = previous.xattrs;
    return true;
  }

  #readFile(place: Place, stat: FileStat, entry: RawEntry, previous: RawEntry | undefined): void {
    const fd = openFile(place);
    try {
      const opened = FileStat.of(fd);
      if (!opened.isInodeOf(stat)) {
        throw new ReplacedError();
      }
      const isSteady = this.#content.read(fd, opened, entry, previous);
      entry.racy = !isSteady || this.#isRacy(opened);
      this.#parts.counts.filesRead += 1;
      this.#addXattrs(entry, fd);
      if (!isSteady) {
        this.#warn(warningOf.changed, entry);
      }
    } finally {
      fs.closeSync(fd);
    }
  }

  /**
   * Whether a store through a mapping may still follow that moves no time. A modification time past now was set by hand, which set
   * ctime to the time of that: ctime alone counts then.
   */
  #isRacy(stat: FileStat): boolean {
    const { racyFromNs, nowNs } = this.#parts;
    return stat.ctimeNs >= racyFromNs || (stat.mtimeNs >= racyFromNs && stat.mtimeNs <= nowNs);
  }

  #addXattrs(entry: RawEntry, target: number | Place): void {
    try {
      const bytes = readXattrBytes(typeof target === 'number' ? target : pathOf(target));
      if (bytes === undefined) {
        this.#warn(warningOf.xattrs, entry);
      } else {
        entry.xattrs = bytes;
      }
    } catch (error) {
      if (hasCode(error, 'ENOENT')) {
        throw error;
      }
      this.#warn(xattrsUnreadable(error), entry);
    }
  }

  #warn(finding: PathFinding, entry: RawEntry): void {
    this.#parts.warnings.add(finding, entry.copyPath());
  }
}

/** Throws ReplacedError where a symlink, a folder or a socket took the place of the file. */
function openFile(place: Place): number {
  try {
    return openFileAt(place);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'ENXIO', 'ENODEV')) {
      throw new ReplacedError();
    }
    throw error;
  }
}

function readLink(place: Place): Buffer {
  try {
    return fs.readlinkSync(pathOf(place), { encoding: 'buffer' });
  } catch (error) {
    if (hasCode(error, 'EINVAL')) {
      throw new ReplacedError();
    }
    throw error;
  }
}

/** What an error with one path means for it; errors that are ours, and cancelling, go on up. */
export function findingOf(error: unknown): PathFinding {
  if (error instanceof AppError || !(error instanceof Error) || !('syscall' in error)) {
    throw error;
  }
  return unreadable(error);
}
