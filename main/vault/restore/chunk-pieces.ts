import type { SentChunks } from './tree-thread.ts';

type Chunk = Readonly<{ chunk: number; bytes: Buffer }>;

const messageBytes = 1024 * 1024;
const nothing: readonly SentChunks[] = [];

/** Brings chunks together that were read into one piece of memory, so that it can be given away as it is. */
export class ChunkPieces {
  #current: Chunk[] = [];
  #done: SentChunks[] = [];
  #doneBytes = 0;

  /** Adds a chunk that was just read; gives all those before it, once they are enough for a message. */
  add(chunk: number, bytes: Buffer): readonly SentChunks[] {
    const last = this.#current.at(-1);
    if (last !== undefined && last.bytes.buffer !== bytes.buffer) {
      this.#finishPiece();
    }
    const before = this.#doneBytes >= messageBytes ? this.#takeDone() : nothing;
    this.#current.push({ chunk, bytes });
    return before;
  }

  /** All that were not given yet. */
  take(): readonly SentChunks[] {
    this.#finishPiece();
    return this.#takeDone();
  }

  #takeDone(): readonly SentChunks[] {
    const done = this.#done;
    this.#done = [];
    this.#doneBytes = 0;
    return done;
  }

  #finishPiece(): void {
    const piece = pieceOf(this.#current);
    this.#current = [];
    this.#done.push(piece);
    this.#doneBytes += piece.memory.byteLength;
  }
}

function pieceOf(chunks: readonly Chunk[]): SentChunks {
  const memory = chunks[0]?.bytes.buffer;
  const length = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (memory instanceof ArrayBuffer && memory.byteLength === length) {
    return {
      memory,
      chunks: chunks.map(({ chunk, bytes }) => ({ chunk, offset: bytes.byteOffset, length: bytes.length })),
    };
  }
  // Others have something in that memory, too.
  const copy = new Uint8Array(length);
  let offset = 0;
  const placed = chunks.map(({ chunk, bytes }) => {
    copy.set(bytes, offset);
    offset += bytes.length;
    return { chunk, offset: offset - bytes.length, length: bytes.length };
  });
  return { memory: copy.buffer, chunks: placed };
}
