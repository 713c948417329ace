import { createHash } from 'node:crypto';
import { AppError } from '../../shared/lib/app-error.ts';
import { chunkIdBytes } from '../../main/vault/chunks/chunk-store.ts';
import type {
  ChunkBatch,
  ChunkReader,
  ChunkWriter,
  StoredBatch,
} from '../../main/vault/chunks/chunk-store.ts';

/** Takes chunks and keeps nothing: for measuring what comes before the vault. */
export class DiscardingChunks implements ChunkReader, ChunkWriter {
  async store({ buffer, lengths }: ChunkBatch): Promise<StoredBatch> {
    const ids = new Uint8Array(lengths.length * chunkIdBytes);
    let at = 0;
    lengths.forEach((length, index) => {
      const id = createHash('sha256')
        .update(new Uint8Array(buffer, at, length))
        .digest();
      ids.set(id, index * chunkIdBytes);
      at += length;
    });
    return await Promise.resolve({ ids, addedBytes: at, storedBytes: at, buffer });
  }

  knows(ids: Uint8Array): Uint8Array {
    return new Uint8Array(ids.length / chunkIdBytes).fill(1);
  }

  async flush(): Promise<void> {}

  async read(): Promise<Buffer> {
    return await Promise.reject(new AppError('damaged', 'Nothing is kept here.'));
  }

  async *readMany(): AsyncGenerator<Buffer> {
    yield await this.read();
  }

  lengthOf(): undefined {
    return undefined;
  }
}
