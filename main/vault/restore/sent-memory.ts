import type { SentChunks } from './tree-thread.ts';

type Piece = { readonly memory: ArrayBuffer; chunks: number };
type Held = Readonly<{ piece: Piece; bytes: Uint8Array }>;

/** Opened chunks in a thread. Memory is given back at once when nothing in it is needed: collecting it would come too late. */
export class SentMemory {
  readonly #chunks = new Map<number, Held>();

  add({ memory, chunks }: SentChunks): void {
    const piece = { memory, chunks: chunks.length };
    for (const { chunk, offset, length } of chunks) {
      this.#chunks.set(chunk, { piece, bytes: new Uint8Array(memory, offset, length) });
    }
  }

  get(chunk: number): Uint8Array {
    const held = this.#chunks.get(chunk);
    if (held === undefined) {
      throw new Error(`Chunk ${String(chunk)} was not sent`);
    }
    return held.bytes;
  }

  drop(chunk: number): void {
    const held = this.#chunks.get(chunk);
    this.#chunks.delete(chunk);
    if (held !== undefined) {
      held.piece.chunks -= 1;
      if (held.piece.chunks === 0) {
        held.piece.memory.transfer(0);
      }
    }
  }
}
