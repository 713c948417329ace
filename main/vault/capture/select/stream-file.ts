import fs from 'node:fs';
import type { PieceSink, PieceSource } from '../records/frames.ts';
import { leastPieceBytes } from '../records/frames.ts';

const readBytes = 1_048_576;

/** Writes all of `bytes`. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done);
  }
}

/** A sink for a writer of frames that puts pieces into a file, and the memory to begin with. */
export function fileSink(fd: number): Readonly<{ give: PieceSink; first: Uint8Array<ArrayBuffer> }> {
  const first = new Uint8Array(leastPieceBytes);
  const give: PieceSink = (piece) => {
    writeWhole(fd, piece);
    return first;
  };
  return { give, first };
}

/** The pieces of an open file, from where it stands. */
export function filePieces(fd: number): PieceSource {
  const memory = new Uint8Array(readBytes);
  return () => {
    const length = fs.readSync(fd, memory);
    return length === 0 ? undefined : memory.subarray(0, length);
  };
}
