import type { Readable } from 'node:stream';

const pieceBytes = 1_048_576;

/** The same bytes in fewer pieces: a connection to an engine brings 32 KiB at a time. */
export async function* joinedPieces(stream: Readable): AsyncGenerator<Uint8Array> {
  let piece = Buffer.allocUnsafeSlow(pieceBytes);
  let length = 0;
  for await (const part of stream) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    for (let at = 0; at < bytes.length;) {
      const taken = bytes.copy(piece, length, at);
      at += taken;
      length += taken;
      if (length === pieceBytes) {
        yield piece;
        piece = Buffer.allocUnsafeSlow(pieceBytes);
        length = 0;
      }
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}
