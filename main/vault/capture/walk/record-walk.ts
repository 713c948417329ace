import type { RawEntry } from '../../listing/raw-entry.ts';
import { kinds } from '../../listing/raw-entry.ts';
import type { ExcludedCounts } from '../thread/capture-messages.ts';
import type { EntryAccess } from './entry-access.ts';
import type { EntryTaker } from './entry-capture.ts';
import type { FileSource } from '../content/file-source.ts';
import type { FindingTaker } from '../finding-list.ts';
import { brokenRecords } from '../records/frames.ts';
import { NotSentError } from '../records/content-record-reader.ts';
import type { ContentRecordReader } from '../records/content-record-reader.ts';
import { findingCodes, findingOfCode } from '../records/record-findings.ts';
import type { TreeRecordReader } from '../records/tree-record-reader.ts';
import { TreeRecord } from '../records/tree-record.ts';

export type RecordWalkParts = Readonly<{
  entry: RawEntry;
  records: TreeRecordReader;
  content: ContentRecordReader;
  taker: EntryTaker;
  counts: ExcludedCounts;
  warnings: FindingTaker;
  notes: FindingTaker;
  /** Called for each path: throws when the run was cancelled. */
  onPath: () => void;
}>;

/** Goes through records of a tree as TreeWalk does through the tree itself, with the content that was sent beside them. */
export class RecordWalk {
  readonly #parts: RecordWalkParts;
  readonly #record = new TreeRecord();
  readonly #access: RecordedEntry;

  constructor(parts: RecordWalkParts) {
    this.#parts = parts;
    this.#access = new RecordedEntry(this.#record, parts.content);
  }

  /** The number of the entry at hand. */
  get number(): number {
    return this.#record.number;
  }

  run(): void {
    const { records, content } = this.#parts;
    for (let got = records.next(this.#record); got !== 'end'; got = records.next(this.#record)) {
      this.#parts.onPath();
      if (got === 'entry') {
        this.#visit();
      } else {
        const { code, errno, path } = records.finding;
        this.#addFinding(code, errno, path);
      }
    }
    content.finish();
    this.#parts.counts.excludedFiles += records.totals.excludedFiles;
    this.#parts.counts.excludedBytes += records.totals.excludedBytes;
  }

  #visit(): void {
    const { entry } = this.#parts;
    this.#record.path.copy(entry.path, 0, 0, this.#record.pathLength);
    entry.pathLength = this.#record.pathLength;
    try {
      this.#take(entry);
    } catch (error) {
      if (!(error instanceof NotSentError)) {
        throw error;
      }
      this.#addFinding(error.code, error.errno, entry.copyPath());
    }
    if (this.#access.isSent) {
      throw brokenRecords('content that was not asked for');
    }
  }

  #take(entry: RawEntry): void {
    const { taker } = this.#parts;
    const { kind, stat } = this.#record;
    if (kind === kinds.folder) {
      taker.addFolder(this.#access, stat, entry);
    } else if (kind === kinds.symlink) {
      taker.addSymlink(this.#access, stat, entry);
    } else {
      taker.addFile(this.#access, stat, entry);
    }
  }

  #addFinding(code: number, errno: number, path: Buffer): void {
    const { finding, isWarning } = findingOfCode(code, errno);
    this.#parts[isWarning ? 'warnings' : 'notes'].add(finding, path);
  }
}

/** The entry that a record speaks of. */
class RecordedEntry implements EntryAccess {
  readonly #record: TreeRecord;
  readonly #content: ContentRecordReader;

  constructor(record: TreeRecord, content: ContentRecordReader) {
    this.#record = record;
    this.#content = content;
  }

  get isSent(): boolean {
    return this.#content.nextNumber === this.#record.number;
  }

  readTarget(): Buffer {
    return this.#record.target;
  }

  readXattrs(): Buffer {
    return this.#record.xattrs;
  }

  /** Not sent and nowhere else means: the name of an inode whose first name was gone when its content was wanted. */
  withContent(_stat: unknown, read: (source: FileSource) => void): void {
    if (!this.isSent) {
      throw new NotSentError(findingCodes.replaced, 0);
    }
    this.#content.open();
    read(this.#content);
    this.#content.skip();
  }
}
