import { limits } from '../../listing/limits.ts';
import { isCleanPath } from '../../listing/path-order.ts';
import { brokenRecords, frameOf, FrameReader, FrameWriter, magicOf } from './frames.ts';
import type { PieceSink, PieceSource } from './frames.ts';
import { readNumber, writeNumber } from './stat-codec.ts';

const numberBytes = 4;

/** Writes a wanted stream. */
export class WantedWriter {
  readonly #frames: FrameWriter;
  #count = 0;

  constructor(give: PieceSink, first: Uint8Array<ArrayBuffer>) {
    this.#frames = new FrameWriter(give, first, magicOf.wanted);
  }

  /** Adds the file of this number, whose path are the first `pathLength` bytes. */
  add(number: number, path: Buffer, pathLength: number): void {
    const at = this.#frames.begin(frameOf.wanted, numberBytes + pathLength);
    this.#frames.bytes.writeUInt32LE(number, at);
    path.copy(this.#frames.bytes, at + numberBytes, 0, pathLength);
    this.#frames.finish(at + numberBytes + pathLength);
    this.#count += 1;
  }

  finish(): void {
    const at = this.#frames.begin(frameOf.end, 8);
    writeNumber(this.#frames.bytes, at, this.#count);
    this.#frames.finish(at + 8);
    this.#frames.flush();
  }
}

/** Reads a wanted stream. */
export class WantedReader {
  readonly #frames: FrameReader;
  #count = 0;
  number = -1;
  /** A view, right until the next one. */
  path: Buffer = Buffer.alloc(0);

  constructor(take: PieceSource) {
    this.#frames = new FrameReader(take, magicOf.wanted);
  }

  /** Reads the next one; false at the end. */
  next(): boolean {
    const frames = this.#frames;
    frames.next();
    if (frames.type === frameOf.end) {
      frames.expectBody(8);
      if (readNumber(frames.bytes, frames.start) !== this.#count) {
        throw brokenRecords('its counts are not those of its end');
      }
      frames.finish();
      return false;
    }
    const length = frames.end - frames.start - numberBytes;
    if (frames.type !== frameOf.wanted || length < 0 || length > limits.pathBytes) {
      throw brokenRecords('a wanted file');
    }
    const number = frames.bytes.readUInt32LE(frames.start);
    this.path = frames.view(frames.start + numberBytes, length);
    if (number <= this.number || length === 0 || !isCleanPath(this.path, length)) {
      throw brokenRecords('a wanted file');
    }
    this.number = number;
    this.#count += 1;
    return true;
  }
}
