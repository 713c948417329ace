import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import type { FileStat } from '../../../platform/file-stat.ts';
import { kinds } from '../../listing/raw-entry.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';
import type { CaptureCounts } from '../thread/capture-messages.ts';
import type { ContentContext } from '../content/content-context.ts';
import type { EntryAccess } from './entry-access.ts';
import { fillStat } from './entry-stat.ts';
import { FileContentReader } from '../content/file-content.ts';
import type { FindingList, PathFinding } from '../finding-list.ts';
import { unreadable, warningOf, xattrsUnreadable } from '../findings.ts';
import { HardLinks } from './hard-links.ts';
import type { ListingOutput } from '../listing-output.ts';

export type EntryCaptureParts = Readonly<{
  context: ContentContext;
  counts: CaptureCounts;
  output: Pick<ListingOutput, 'add'>;
  warnings: FindingList;
  racyFromNs: bigint;
  nowNs: bigint;
  /** The file of the listing before that this entry is, or was; asked for each file, in order. */
  findPrevious: (entry: RawEntry) => RawEntry | undefined;
}>;

/** Takes what a walk finds, in the order of listings. The path stands in `entry` already. */
export interface EntryTaker {
  addFolder(access: EntryAccess, stat: FileStat, entry: RawEntry): void;
  addSymlink(access: EntryAccess, stat: FileStat, entry: RawEntry): void;
  addFile(access: EntryAccess, stat: FileStat, entry: RawEntry): void;
}

/** Makes entries of a listing of what is found. */
export class EntryCapture implements EntryTaker {
  readonly #parts: EntryCaptureParts;
  readonly #content: FileContentReader;
  readonly #links = new HardLinks();

  constructor(parts: EntryCaptureParts) {
    this.#parts = parts;
    this.#content = new FileContentReader(parts.context);
  }

  addFolder(access: EntryAccess, stat: FileStat, entry: RawEntry): void {
    entry.kind = kinds.folder;
    this.#begin(entry, stat);
    entry.size = 0;
    this.#addXattrs(entry, access);
    this.#parts.output.add(entry);
  }

  addSymlink(access: EntryAccess, stat: FileStat, entry: RawEntry): void {
    const target = access.readTarget(stat);
    const firstName = this.#links.firstNameOf(stat);
    entry.kind = firstName === undefined ? kinds.symlink : kinds.hardlink;
    this.#begin(entry, stat);
    entry.target = firstName ?? target;
    entry.size = target.length;
    this.#addXattrs(entry, access);
    entry.linked = firstName === undefined && this.#links.add(stat, entry);
    this.#parts.output.add(entry);
  }

  addFile(access: EntryAccess, stat: FileStat, entry: RawEntry): void {
    const firstName = this.#links.firstNameOf(stat);
    const previous = this.#parts.findPrevious(entry);
    this.#begin(entry, stat);
    if (firstName !== undefined) {
      entry.kind = kinds.hardlink;
      entry.target = firstName;
      this.#addXattrs(entry, access);
    } else {
      entry.kind = kinds.file;
      if (previous !== undefined && this.#takeOver(access, entry, previous)) {
        entry.linked = this.#links.add(stat, entry);
      } else {
        this.#readFile(access, stat, entry, previous);
      }
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
  #takeOver(access: EntryAccess, entry: RawEntry, previous: RawEntry): boolean {
    const files = this.#parts.context.previous;
    if (files === undefined || access.isSent === true || !files.isUnchanged(entry, previous)) {
      return false;
    }
    // What was not sent cannot be stored anew for the sake of chunks of which little is used.
    if (!files.takeOver(entry, previous, access.isSent === undefined)) {
      return false;
    }
    entry.xattrs = previous.xattrs;
    return true;
  }

  #readFile(access: EntryAccess, stat: FileStat, entry: RawEntry, previous: RawEntry | undefined): void {
    access.withContent(stat, (source) => {
      const isSteady = this.#content.read(source, entry, previous);
      entry.racy = !isSteady || this.#isRacy(source.stat);
      this.#parts.counts.filesRead += 1;
      this.#addXattrs(entry, source);
      if (!isSteady) {
        this.#warn(warningOf.changed, entry);
      }
      entry.linked = this.#links.add(source.stat, entry);
    });
  }

  /**
   * Whether a store through a mapping may still follow that moves no time. A modification time past now was set by hand, which set
   * ctime to the time of that: ctime alone counts then.
   */
  #isRacy(stat: FileStat): boolean {
    const { racyFromNs, nowNs } = this.#parts;
    return stat.ctimeNs >= racyFromNs || (stat.mtimeNs >= racyFromNs && stat.mtimeNs <= nowNs);
  }

  #addXattrs(entry: RawEntry, source: Pick<EntryAccess, 'readXattrs'>): void {
    try {
      const bytes = source.readXattrs();
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

/** What an error with one path means for it; errors that are ours, and cancelling, go on up. */
export function findingOf(error: unknown): PathFinding {
  if (error instanceof AppError || !(error instanceof Error) || !('syscall' in error)) {
    throw error;
  }
  return unreadable(error);
}
