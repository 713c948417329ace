import { FileStat } from '../../../platform/file-stat.ts';
import { ByteReader } from '../../listing/byte-reader.ts';
import type { FileSource } from '../content/file-source.ts';
import { brokenRecords, frameOf, FrameReader, magicOf, mostDataBytes } from './frames.ts';
import type { PieceSource } from './frames.ts';
import { findingCodes, isContentCode } from './record-findings.ts';
import { readNumber, readStat, statBytes } from './stat-codec.ts';
import { checkedXattrs } from './tree-record-reader.ts';

const beginBytes = 8 + statBytes;
const afterBytes = statBytes + 12;
const mostHoles = 1_048_576;
const mostPasses = 3;
const errorBytes = 12;
const offsetBytes = 8;
const mostZeros = 2 ** 34;
const fileTooLarge = 27;
const tooLarge = 7;
const nothing = Buffer.alloc(0);

/** Why a wanted file has no content: a code of findings. */
export class NotSentError extends Error {
  override name = 'NotSentError';
  readonly code: number;
  readonly errno: number;

  constructor(code: number, errno: number) {
    super('The sender could not read it.');
    this.code = code;
    this.errno = errno;
  }
}

/**
 * Reads a content stream, from bytes that may be hostile: one file after the other, each as a source of its content. No more than a
 * frame is held, and no hole is longer than the file.
 */
export class ContentRecordReader implements FileSource {
  readonly #frames: FrameReader;
  readonly #xattrs = new ByteReader();
  readonly #after = new FileStat();
  readonly stat = new FileStat();
  isSparse = false;
  #number = -1;
  #count = 0;
  #passes = 0;
  #holes = 0;
  #zeros = 0;
  #isData = false;
  /** Of the open data frame: which bytes of the file it holds, and where in the frame they begin. */
  #from = 0;
  #to = 0;
  #at = 0;
  /** Bytes of the file, once they all came. */
  #length = 0;
  #xattrBytes: Buffer = nothing;
  #xattrsErrno = 0;

  constructor(take: PieceSource) {
    this.#frames = new FrameReader(take, magicOf.content);
    this.#frames.next();
  }

  /** Files that were opened. */
  get count(): number {
    return this.#count;
  }

  /** The number of the file that comes next; undefined at the end of the stream. */
  get nextNumber(): number | undefined {
    const { type, bytes, start, end } = this.#frames;
    if (type === frameOf.end) {
      return undefined;
    }
    if ((type !== frameOf.begin && type !== frameOf.error) || end - start < 4) {
      throw brokenRecords('the type of a frame');
    }
    return bytes.readUInt32LE(start);
  }

  /** Opens the file that comes next, before its first byte. Throws NotSentError where there is none. */
  open(): void {
    const number = this.nextNumber ?? -1;
    if (number <= this.#number) {
      throw brokenRecords('a file was not asked for');
    }
    this.#number = number;
    this.#count += 1;
    this.#passes = 0;
    this.#begin();
  }

  /** Reads the last frame, when no file is left. */
  finish(): void {
    const frames = this.#frames;
    if (frames.type !== frameOf.end) {
      throw brokenRecords('a file was not asked for');
    }
    frames.expectBody(8);
    if (readNumber(frames.bytes, frames.start) !== this.#count) {
      throw brokenRecords('its counts are not those of its end');
    }
    frames.finish();
  }

  header(target: Uint8Array): number {
    const length = this.#isData && this.#from === 0 ? Math.min(target.length, this.#to) : 0;
    target.set(this.#frames.view(this.#at, length));
    return length;
  }

  read(target: Uint8Array, position: number): number {
    let done = 0;
    while (done < target.length) {
      const at = position + done;
      const left = target.length - done;
      if (this.#isData && at >= this.#to) {
        this.#advance();
      } else if (this.#isData && at >= this.#from) {
        const length = Math.min(left, this.#to - at);
        target.set(this.#frames.view(this.#at + at - this.#from, length), done);
        done += length;
      } else {
        const length = Math.min(left, (this.#isData ? this.#from : this.#length) - at);
        if (length <= 0) {
          break;
        }
        this.#fillZeros(target.subarray(done, done + length));
        done += length;
      }
    }
    return done;
  }

  nextData(offset: number): number | undefined {
    while (this.#isData && offset >= this.#to) {
      this.#advance();
    }
    return this.#isData ? Math.max(offset, this.#from) : undefined;
  }

  /** The end of what is known to be data: it may go on there. */
  nextHole(offset: number): number | undefined {
    return this.nextData(offset) === offset ? this.#to : offset;
  }

  isSteady(length: number): boolean {
    this.#skipData();
    return length === this.stat.size && this.#length === length && this.#after.isUnchangedSince(this.stat);
  }

  get isLast(): boolean {
    return this.#frames.type !== frameOf.begin || this.nextNumber !== this.#number;
  }

  again(): boolean {
    if (this.isLast) {
      return false;
    }
    this.#begin();
    return true;
  }

  readXattrs(): Buffer | undefined {
    if (this.#xattrsErrno !== 0 && this.#xattrsErrno !== tooLarge) {
      throw new NotSentError(findingCodes.xattrsUnreadable, this.#xattrsErrno);
    }
    return this.#xattrsErrno === 0 ? this.#xattrBytes : undefined;
  }

  /** Reads past what is left of the open file, which nobody wants. */
  skip(): void {
    do {
      this.#skipData();
    } while (this.again());
  }

  #begin(): void {
    const frames = this.#frames;
    if (frames.type === frameOf.error) {
      this.#refuse();
    }
    frames.expectBody(beginBytes);
    const flags = frames.bytes.readUInt32LE(frames.start + 4);
    readStat(frames.bytes, frames.start + 8, this.stat);
    this.#passes += 1;
    if (flags > 3 || !this.stat.isFile || this.#passes > mostPasses) {
      throw brokenRecords('the beginning of a file');
    }
    this.isSparse = (flags & 1) !== 0;
    this.stat.isTimeKept = (flags & 2) === 0;
    this.#to = 0;
    this.#holes = 0;
    this.#zeros = 0;
    this.#advance();
  }

  #advance(): void {
    this.#frames.next();
    this.#isData = this.#frames.type === frameOf.data;
    if (this.#isData) {
      this.#openData();
    } else if (this.#frames.type === frameOf.after) {
      this.#end();
    } else if (this.#frames.type === frameOf.error && this.nextNumber === this.#number) {
      this.#refuse();
    } else {
      throw brokenRecords('the type of a frame');
    }
  }

  #openData(): void {
    const { bytes, start, end } = this.#frames;
    const length = end - start - offsetBytes;
    if (length < 1 || length > mostDataBytes) {
      throw brokenRecords('the length of a frame');
    }
    const from = readNumber(bytes, start);
    this.#checkGap(from);
    if (from + length > this.stat.size) {
      throw brokenRecords('content past the end of its file');
    }
    this.#from = from;
    this.#to = from + length;
    this.#at = start + offsetBytes;
  }

  /** Content goes on where it was, or after a hole of a sparse file. */
  #checkGap(from: number): void {
    this.#holes += from > this.#to ? 1 : 0;
    if (from < this.#to || (from > this.#to && !this.isSparse) || this.#holes > mostHoles) {
      throw brokenRecords('content does not go on where it was');
    }
  }

  #end(): void {
    const frames = this.#frames;
    const { bytes, start, end } = frames;
    if (end - start < afterBytes) {
      throw brokenRecords('the length of a frame');
    }
    readStat(bytes, start, this.#after);
    this.#length = readNumber(bytes, start + statBytes);
    this.#checkGap(this.#length);
    if (this.#length > this.stat.size) {
      throw brokenRecords('content past the end of its file');
    }
    this.#xattrsErrno = bytes.readUInt32LE(start + statBytes + 8);
    // A copy: the next frame is looked at now.
    const xattrs = Buffer.from(bytes.subarray(start + afterBytes, end));
    this.#xattrBytes = xattrs.length === 0 ? nothing : checkedXattrs(this.#xattrs, xattrs);
    if (this.#xattrsErrno !== 0 && xattrs.length > 0) {
      throw brokenRecords('attributes that could not be read');
    }
    frames.next();
  }

  #refuse(): never {
    const frames = this.#frames;
    frames.expectBody(errorBytes);
    const code = frames.bytes[frames.start + 4] ?? 0;
    const errno = frames.bytes.readUInt32LE(frames.start + 8);
    if (!isContentCode(code)) {
      throw brokenRecords('the code of a finding');
    }
    this.#isData = false;
    frames.next();
    throw new NotSentError(code, errno);
  }

  #skipData(): void {
    while (this.#isData) {
      this.#advance();
    }
  }

  /** Where holes are read as zeros, a file could hold more of them than anybody can store. */
  #fillZeros(target: Uint8Array): void {
    this.#zeros += target.length;
    if (this.#zeros > mostZeros) {
      this.skip();
      throw new NotSentError(findingCodes.unreadable, fileTooLarge);
    }
    target.fill(0);
  }
}
