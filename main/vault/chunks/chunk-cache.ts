/** Opened chunks, those used last, up to a number of bytes. */
export class ChunkCache {
  readonly #mostBytes: number;
  readonly #chunks = new Map<string, Buffer>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get(id: Uint8Array): Buffer | undefined {
    const key = keyOf(id);
    const chunk = this.#chunks.get(key);
    if (chunk !== undefined) {
      // A map keeps the order of insertion: put again, it is the youngest.
      this.#chunks.delete(key);
      this.#chunks.set(key, chunk);
    }
    return chunk;
  }

  set(id: Uint8Array, chunk: Buffer): void {
    const key = keyOf(id);
    this.#remove(key);
    this.#chunks.set(key, chunk);
    this.#bytes += chunk.length;
    for (const oldest of this.#chunks.keys()) {
      if (this.#bytes <= this.#mostBytes) {
        return;
      }
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const chunk = this.#chunks.get(key);
    if (chunk !== undefined) {
      this.#chunks.delete(key);
      this.#bytes -= chunk.length;
    }
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}
