import type { FileStat } from '../../../platform/file-stat.ts';
import { frameOf, FrameWriter, magicOf, mostDataBytes } from './frames.ts';
import type { PieceSink } from './frames.ts';
import { statBytes, writeNumber, writeStat } from './stat-codec.ts';

export type AfterLast = Readonly<{
  /** Bytes that the file had, up to the size it began with. */
  length: number;
  /** Encoded attributes, or why there are none: an errno, 0 where they were read. */
  xattrs: Buffer;
  xattrsErrno: number;
}>;

/** Writes a content stream. */
export class ContentRecordWriter {
  readonly #frames: FrameWriter;
  #count = 0;

  constructor(give: PieceSink, first: Uint8Array<ArrayBuffer>) {
    this.#frames = new FrameWriter(give, first, magicOf.content);
  }

  /** Begins the file of this number, or begins it again. */
  begin(number: number, stat: FileStat, isSparse: boolean): void {
    const at = this.#frames.begin(frameOf.begin, 8 + statBytes);
    this.#frames.bytes.writeUInt32LE(number, at);
    this.#frames.bytes.writeUInt32LE((isSparse ? 1 : 0) | (stat.isTimeKept ? 0 : 2), at + 4);
    writeStat(this.#frames.bytes, at + 8, stat);
    this.#frames.finish(at + 8 + statBytes);
  }

  /** Adds a run of at most `length` bytes, which `read` writes into the memory it is given; gives what `read` gave: how many. */
  data(offset: number, length: number, read: (target: Uint8Array) => number): number {
    const wanted = Math.min(length, mostDataBytes);
    const at = this.#frames.begin(frameOf.data, 8 + wanted);
    const done = read(this.#frames.bytes.subarray(at + 8, at + 8 + wanted));
    if (done > 0) {
      writeNumber(this.#frames.bytes, at, offset);
      this.#frames.finish(at + 8 + done);
    }
    return done;
  }

  after(stat: FileStat, { length, xattrs, xattrsErrno }: AfterLast): void {
    const at = this.#frames.begin(frameOf.after, statBytes + 12 + xattrs.length);
    const { bytes } = this.#frames;
    writeStat(bytes, at, stat);
    writeNumber(bytes, at + statBytes, length);
    bytes.writeUInt32LE(xattrsErrno, at + statBytes + 8);
    xattrs.copy(bytes, at + statBytes + 12);
    this.#frames.finish(at + statBytes + 12 + xattrs.length);
  }

  /** Counts the file that was begun, when its last pass is over. */
  done(): void {
    this.#count += 1;
  }

  /** The file of this number has no content to send, by a code of findings. */
  error(number: number, code: number, errno: number): void {
    const at = this.#frames.begin(frameOf.error, 12);
    const { bytes } = this.#frames;
    bytes.writeUInt32LE(number, at);
    bytes.writeUInt32LE(code, at + 4);
    bytes.writeUInt32LE(errno, at + 8);
    this.#frames.finish(at + 12);
    this.#count += 1;
  }

  finish(): void {
    const at = this.#frames.begin(frameOf.end, 8);
    writeNumber(this.#frames.bytes, at, this.#count);
    this.#frames.finish(at + 8);
    this.#frames.flush();
  }
}
