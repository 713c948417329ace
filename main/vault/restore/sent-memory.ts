import type { SentChunk } from './tree-thread.ts';

/** Opened chunks in a thread. Their memory is given back at once when they are needed no more: collecting it would come too late. */
export class SentMemory {
  readonly #chunks = new Map<number, Uint8Array<ArrayBuffer>>();

  add({ chunk, bytes }: SentChunk): void {
    this.#chunks.set(chunk, bytes);
  }

  get(chunk: number): Uint8Array {
    const bytes = this.#chunks.get(chunk);
    if (bytes === undefined) {
      throw new Error(`Chunk ${String(chunk)} was not sent`);
    }
    return bytes;
  }

  drop(chunk: number): void {
    this.#chunks.get(chunk)?.buffer.transfer(0);
    this.#chunks.delete(chunk);
  }
}
