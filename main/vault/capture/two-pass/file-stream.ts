import fs from 'node:fs';

const pieceBytes = 1_048_576;

/**
 * The bytes of a local file that was just written. Read at once, piece by piece: what Node does beside the main thread has to wait behind
 * calls to a storage that stalls.
 */
export async function* fileStream(file: string): AsyncGenerator<Uint8Array> {
  const fd = fs.openSync(file, 'r');
  try {
    for (;;) {
      const piece = new Uint8Array(pieceBytes);
      const length = fs.readSync(fd, piece);
      if (length === 0) {
        return;
      }
      yield piece.subarray(0, length);
    }
  } finally {
    fs.closeSync(fd);
  }
}
