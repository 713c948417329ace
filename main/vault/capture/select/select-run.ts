import fs from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { AppError, messageOf } from '../../../../shared/lib/app-error.ts';
import type { FileStat } from '../../../platform/file-stat.ts';
import { kinds, RawEntry } from '../../listing/raw-entry.ts';
import type { MovedFiles, Selected, SelectTask } from '../thread/capture-messages.ts';
import { ChunkNumbers } from '../content/chunk-numbers.ts';
import { fillStat } from '../walk/entry-stat.ts';
import { HardLinks } from '../walk/hard-links.ts';
import { PreviousFiles } from '../previous/previous-files.ts';
import { TreeRecordReader } from '../records/tree-record-reader.ts';
import { TreeRecord } from '../records/tree-record.ts';
import { WantedReader, WantedWriter } from '../records/wanted-records.ts';
import { ThreadLink } from '../thread/thread-link.ts';
import { InodeTable, matchMoved } from './inode-table.ts';
import { filePieces, fileSink, writeWhole } from './stream-file.ts';

const blockBytes = 512;
const mostBlocks = 2 ** 32 - 1;

/** The whole of a selection, in its thread. Says how it ended. */
export function runSelect(task: SelectTask, port: MessagePort): void {
  const link = new ThreadLink(port, task.flags);
  const recordsFd = fs.openSync(task.recordsFile, 'wx', 0o600);
  try {
    const selected = new Selecting(task, link, recordsFd).run();
    link.send({ type: 'selected', selected });
  } catch (error) {
    const kind = error instanceof AppError ? error.kind : 'failed';
    link.send({ type: 'failed', kind, message: messageOf(error) });
  } finally {
    fs.closeSync(recordsFd);
  }
}

/** Goes through a tree stream and the listing before side by side. */
class Selecting {
  readonly #task: SelectTask;
  readonly #link: ThreadLink;
  readonly #recordsFd: number;
  readonly #files: PreviousFiles | undefined;
  readonly #links = new HardLinks();
  readonly #record = new TreeRecord();
  readonly #entry = new RawEntry();
  /** Files where none or another was before, and files that are not where they were. */
  readonly #found = new InodeTable();
  readonly #missed = new InodeTable();
  #recordBytes = 0;
  #wantedFiles = 0;
  #wantedBytes = 0;

  constructor(task: SelectTask, link: ThreadLink, recordsFd: number) {
    this.#task = task;
    this.#link = link;
    this.#recordsFd = recordsFd;
    const { previous: facts, mayRecut } = task;
    const numbers = new ChunkNumbers(task.tableLengths);
    const onMissed = (entry: RawEntry, block: number, index: number): void => {
      if (entry.kind === kinds.file && !entry.racy && this.#files?.canTakeOver(entry, false) === true) {
        this.#missed.add(entry, block, index);
      }
    };
    this.#files =
      facts === undefined ? undefined : new PreviousFiles({ link, facts, numbers, mayRecut, onMissed });
  }

  run(): Selected {
    const records = new TreeRecordReader(() => this.#takePiece());
    writeFile(this.#task.wantedFile, (wanted) => {
      for (let got = records.next(this.#record); got !== 'end'; got = records.next(this.#record)) {
        this.#link.check();
        if (got === 'entry' && this.#record.kind === kinds.file && this.#isWanted()) {
          const { number, path, pathLength, stat } = this.#record;
          wanted.add(number, path, pathLength);
          this.#wantedFiles += 1;
          this.#wantedBytes += blocksOf(stat) * blockBytes;
        }
      }
    });
    const moved = this.#findMoved();
    return {
      entries: records.totals.entries,
      wantedFiles: this.#wantedFiles,
      wantedBytes: this.#wantedBytes,
      recordBytes: this.#recordBytes,
      moved,
      ...records.head,
    };
  }

  /** Keeps the records as they come: the capture goes through them again. */
  #takePiece(): Uint8Array | undefined {
    const piece = this.#link.takePiece('records');
    if (piece !== undefined) {
      this.#recordBytes += piece.length;
      if (this.#recordBytes > this.#task.mostRecordBytes) {
        throw new AppError(
          'failed',
          'The list of files of this folder is too long for the room that is set apart for it.',
        );
      }
      writeWhole(this.#recordsFd, piece);
    }
    return piece;
  }

  /** Whether the file of the record has to be sent, unless it is found to have been moved. */
  #isWanted(): boolean {
    const { stat, path, pathLength } = this.#record;
    if (this.#links.firstNameOf(stat) !== undefined) {
      return false;
    }
    const entry = this.#entry;
    path.copy(entry.path, 0, 0, pathLength);
    entry.pathLength = pathLength;
    fillStat(entry, stat);
    this.#links.add(stat, entry);
    const previous = this.#files?.find(entry.path, pathLength);
    if (previous === undefined || !isSameInode(entry, previous)) {
      this.#files?.miss();
      this.#found.add(entry, this.#record.number, blocksOf(stat));
      return true;
    }
    return !(
      this.#files?.isUnchanged(entry, previous) === true &&
      this.#files.canTakeOver(previous, this.#task.mayRecut)
    );
  }

  /** Looks for the files that are new where they are among those that are gone from where they were; takes them out of the wanted. */
  #findMoved(): MovedFiles {
    if (this.#found.rows === 0 || this.#files === undefined) {
      return new Uint32Array();
    }
    this.#files.passRest();
    const moved: number[] = [];
    matchMoved(this.#found, this.#missed, (found, missed) => {
      moved.push(this.#found.first(found), this.#missed.first(missed), this.#missed.second(missed));
      this.#wantedFiles -= 1;
      this.#wantedBytes -= this.#found.second(found) * blockBytes;
    });
    if (moved.length > 0) {
      this.#dropWanted(Uint32Array.from(moved));
    }
    return Uint32Array.from(moved);
  }

  /** Writes the wanted stream anew, without the moved files. */
  #dropWanted(moved: MovedFiles): void {
    const oldFd = fs.openSync(this.#task.wantedFile, 'r');
    const old = new WantedReader(filePieces(oldFd));
    const newFile = `${this.#task.wantedFile}.new`;
    let at = 0;
    try {
      writeFile(newFile, (kept) => {
        while (old.next()) {
          if (moved[at] === old.number) {
            at += 3;
          } else {
            kept.add(old.number, old.path, old.path.length);
          }
        }
      });
    } finally {
      fs.closeSync(oldFd);
    }
    fs.renameSync(newFile, this.#task.wantedFile);
  }
}

/** What a file takes on disk at most, in blocks. */
function blocksOf({ size, blocks }: FileStat): number {
  return Math.min(Math.ceil(size / blockBytes), blocks, mostBlocks);
}

function isSameInode(left: RawEntry, right: RawEntry): boolean {
  return left.inodeLow === right.inodeLow && left.inodeHigh === right.inodeHigh;
}

/** Writes a wanted stream into a new file. */
function writeFile(file: string, write: (wanted: WantedWriter) => void): void {
  const fd = fs.openSync(file, 'wx', 0o600);
  try {
    const sink = fileSink(fd);
    const wanted = new WantedWriter(sink.give, sink.first);
    write(wanted);
    wanted.finish();
  } finally {
    fs.closeSync(fd);
  }
}
