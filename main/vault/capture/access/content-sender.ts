import fs from 'node:fs';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import { FileStat } from '../../../platform/file-stat.ts';
import { parentLength } from '../../listing/path-order.ts';
import { ReplacedError, openFile } from '../walk/entry-access.ts';
import { findingOf } from '../walk/entry-capture.ts';
import { OpenFile } from '../content/file-source.ts';
import { openFolderAt, pathOf } from '../walk/open-folder.ts';
import type { ContentRecordWriter } from '../records/content-record-writer.ts';
import { mostDataBytes } from '../records/frames.ts';
import { findingCodes } from '../records/record-findings.ts';
import { errnoOf } from '../findings.ts';

const tooLarge = 7;
const mostHoles = 1_048_576;
const nothing = Buffer.alloc(0);

/** Sends files of an open folder, each reached by open folders from there: a symlink on the way leads nowhere. */
export class ContentSender implements Disposable {
  readonly #root: FileStat;
  readonly #rootFd: number;
  readonly #writer: ContentRecordWriter;
  readonly #check: () => void;
  /** The folder of the last file, by its path; the next one mostly lies there too. */
  #folder: Buffer = nothing;
  #folderFd: number;

  constructor(rootFd: number, writer: ContentRecordWriter, check: () => void) {
    this.#rootFd = rootFd;
    this.#folderFd = rootFd;
    this.#root = FileStat.of(rootFd);
    this.#writer = writer;
    this.#check = check;
  }

  send(number: number, path: Buffer): void {
    this.#check();
    try {
      this.#openFolder(path.subarray(0, parentLength(path, path.length)));
      const name = path.toString('latin1', path.lastIndexOf(0x2f) + 1);
      const fd = openFile({ folder: this.#folderFd, name });
      try {
        this.#sendFile(number, fd);
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      this.#sendError(number, error);
    }
  }

  [Symbol.dispose](): void {
    this.#leaveFolder();
    fs.closeSync(this.#rootFd);
  }

  #leaveFolder(): void {
    if (this.#folderFd !== this.#rootFd) {
      fs.closeSync(this.#folderFd);
    }
    this.#folderFd = this.#rootFd;
    this.#folder = nothing;
  }

  #openFolder(path: Buffer): void {
    if (path.equals(this.#folder)) {
      return;
    }
    this.#leaveFolder();
    for (const name of path.toString('latin1').split('/')) {
      const above = this.#folderFd;
      if (name !== '') {
        this.#folderFd = this.#openSub(above, name);
        if (above !== this.#rootFd) {
          fs.closeSync(above);
        }
      }
    }
    this.#folder = Buffer.from(path);
  }

  #openSub(folder: number, name: string): number {
    const fd = openFolderAt(pathOf({ folder, name }));
    if (FileStat.of(fd).isOnDeviceOf(this.#root)) {
      return fd;
    }
    fs.closeSync(fd);
    throw new ReplacedError();
  }

  #sendFile(number: number, fd: number): void {
    const stat = FileStat.of(fd);
    if (!stat.isFile) {
      throw new ReplacedError();
    }
    const file = new OpenFile(fd, stat);
    let length: number;
    do {
      const { isSparse } = file;
      this.#writer.begin(number, file.stat, isSparse);
      length = isSparse ? this.#sendSparse(file) : this.#sendRun(file, 0, file.stat.size);
      const isSteady = file.isSteady(length);
      this.#writer.after(file.after, { length, ...xattrsOf(file) });
      if (isSteady) {
        break;
      }
    } while (file.again());
    this.#writer.done();
  }

  #sendSparse(file: OpenFile): number {
    const { size } = file.stat;
    let at = 0;
    for (let holes = 0; at < size; holes += 1) {
      if (holes >= mostHoles) {
        return this.#sendRun(file, at, size);
      }
      const data = Math.min(file.nextData(at) ?? size, size);
      if (data === size) {
        return size;
      }
      const hole = Math.min(file.nextHole(data) ?? size, size);
      at = this.#sendRun(file, data, Math.max(hole, data + 1));
      if (at < hole) {
        return at;
      }
    }
    return size;
  }

  /** Gives up to where the file could be read. */
  #sendRun(file: OpenFile, from: number, to: number): number {
    let at = from;
    while (at < to) {
      this.#check();
      const wanted = Math.min(mostDataBytes, to - at);
      const offset = at;
      const read = this.#writer.data(offset, wanted, (target) => file.read(target, offset));
      at += read;
      if (read < wanted) {
        break;
      }
    }
    return at;
  }

  #sendError(number: number, error: unknown): void {
    if (hasCode(error, 'ENOENT')) {
      this.#writer.error(number, findingCodes.vanished, 0);
    } else if (error instanceof ReplacedError || hasCode(error, 'ENOTDIR', 'ELOOP')) {
      this.#writer.error(number, findingCodes.replaced, 0);
    } else {
      // Throws on what is no matter of this file.
      this.#writer.error(number, findingCodes.unreadable, findingOf(error).errno ?? 0);
    }
  }
}

function xattrsOf(file: OpenFile): Readonly<{ xattrs: Buffer; xattrsErrno: number }> {
  try {
    const xattrs = file.readXattrs();
    return { xattrs: xattrs ?? nothing, xattrsErrno: xattrs === undefined ? tooLarge : 0 };
  } catch (error) {
    if (error instanceof AppError) {
      throw error;
    }
    return { xattrs: nothing, xattrsErrno: errnoOf(error) };
  }
}
