import { createHmac } from 'node:crypto';
import { AppError } from '../../shared/lib/app-error.ts';
import { chunkIdBytes, maxChunkBytes } from '../../main/vault/chunks/chunk-store.ts';
import type {
  ChunkBatch,
  ChunkReader,
  ChunkWriter,
  StoredBatch,
} from '../../main/vault/chunks/chunk-store.ts';

/** Chunks in memory: ids by HMAC as the vault makes them, no sealing. Chunks can be lost or spoiled by tests. */
export class MemoryChunks implements ChunkReader, ChunkWriter {
  readonly #chunks = new Map<string, Buffer>();
  readonly #unusable = new Set<string>();
  /** Batches as they came, without their buffers. */
  readonly batches: { class: ChunkBatch['class']; lengths: readonly number[]; compress: boolean }[] = [];
  /** Awaited before each batch is stored: lets a test hold or fail a run. */
  beforeStore: () => Promise<void> = async () => {};
  reads = 0;

  get size(): number {
    return this.#chunks.size;
  }

  get bytes(): number {
    return [...this.#chunks.values()].reduce((sum, chunk) => sum + chunk.length, 0);
  }

  async store(batch: ChunkBatch): Promise<StoredBatch> {
    this.batches.push({ class: batch.class, lengths: batch.lengths, compress: batch.compress });
    await this.beforeStore();
    const ids = new Uint8Array(batch.lengths.length * chunkIdBytes);
    let at = 0;
    let addedBytes = 0;
    batch.lengths.forEach((length, index) => {
      const chunk = Buffer.from(new Uint8Array(batch.buffer, at, length));
      addedBytes += this.#put(chunk, ids.subarray(index * chunkIdBytes, (index + 1) * chunkIdBytes));
      at += length;
    });
    return { ids, addedBytes, storedBytes: addedBytes };
  }

  knows(ids: Uint8Array): Uint8Array {
    const known = new Uint8Array(ids.length / chunkIdBytes);
    return known.map((_, index) => {
      const id = hexOf(ids.subarray(index * chunkIdBytes, (index + 1) * chunkIdBytes));
      return this.#chunks.has(id) && !this.#unusable.has(id) ? 1 : 0;
    });
  }

  async flush(): Promise<void> {}

  async read(id: Uint8Array): Promise<Buffer> {
    this.reads += 1;
    const chunk = this.#chunks.get(hexOf(id));
    if (chunk === undefined) {
      throw new AppError('damaged', 'A chunk is missing.');
    }
    return Buffer.from(chunk);
  }

  async *readMany(ids: Iterable<Uint8Array>): AsyncIterable<Buffer> {
    for (const id of ids) {
      yield await this.read(id);
    }
  }

  lengthOf(id: Uint8Array): number | undefined {
    return this.#chunks.get(hexOf(id))?.length;
  }

  /** Stores one chunk and gives its id. */
  async add(content: Uint8Array): Promise<Uint8Array> {
    const buffer = new SharedArrayBuffer(content.length);
    new Uint8Array(buffer).set(content);
    return (await this.store({ class: 'meta', buffer, lengths: [content.length], compress: true })).ids;
  }

  /** Puts other bytes under an id, as only a hostile vault could. */
  replace(id: Uint8Array, content: Buffer): void {
    this.#chunks.set(hexOf(id), content);
  }

  lose(id: Uint8Array): void {
    this.#chunks.delete(hexOf(id));
  }

  /** The chunk may be read but is not known any more, as if it lay in a doomed pack. */
  doom(id: Uint8Array): void {
    this.#unusable.add(hexOf(id));
  }

  #put(chunk: Buffer, id: Uint8Array): number {
    if (chunk.length === 0 || chunk.length > maxChunkBytes) {
      throw new Error(`A chunk of ${String(chunk.length)} bytes.`);
    }
    id.set(createHmac('sha256', 'memory').update(chunk).digest());
    const name = hexOf(id);
    const isNew = !this.#chunks.has(name) || this.#unusable.delete(name);
    this.#chunks.set(name, chunk);
    return isNew ? chunk.length : 0;
  }
}

function hexOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}
