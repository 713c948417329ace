/** Bytes of a chunk id. */
export const chunkIdBytes = 32;
/** No chunk holds more plaintext than this. */
export const maxChunkBytes = 4 * 1024 * 1024;

/** `data` is content of files (page maps too), `meta` is listings: kept in packs of their own, so that browsing reads few. */
export type ChunkClass = 'data' | 'meta';

/**
 * Chunks that lie back to back in `buffer` from byte 0; `lengths` gives the plaintext length of each (1…maxChunkBytes).
 * The buffer is lent: nobody writes to it until the batch is stored. It is shared by the threads it passes, since every buffer
 * that a thread takes over counts as new memory there, and has the main thread collect garbage.
 */
export type ChunkBatch = Readonly<{
  class: ChunkClass;
  buffer: SharedArrayBuffer;
  lengths: readonly number[];
  compress: boolean;
}>;

export type StoredBatch = Readonly<{
  /** chunkIdBytes for each chunk, in order. */
  ids: Uint8Array;
  /** Plaintext bytes that the vault did not hold yet, and what they take sealed. */
  addedBytes: number;
  storedBytes: number;
}>;

/** Stores chunks of one run. `store` may be called many times at once: it is the caller's credits that bound memory. */
export interface ChunkWriter {
  /** Resolves when the ids are known and new chunks stand in a pack being built; throws what a failed pack write threw. */
  store(batch: ChunkBatch): Promise<StoredBatch>;
  /** For each id (chunkIdBytes each) 1 when the vault holds it undamaged and not doomed, else 0. */
  knows(ids: Uint8Array): Uint8Array;
  /** Every stored chunk is durable and in the durable index when it resolves. Ended by its signal nothing more can be stored. */
  flush(signal?: AbortSignal): Promise<void>;
}

/**
 * `seal` leaves out the hash of the opened bytes, for readers with a checksum of their own: the key of a seal is made of the id, so
 * only whoever sealed wrong bytes in the first place could get them past it.
 */
export type ChunkChecks = 'all' | 'seal';

/** Reads chunks. What it returns was authenticated and, unless asked otherwise, hashed again: right bytes or `AppError` of kind `damaged`. */
export interface ChunkReader {
  read(id: Uint8Array): Promise<Buffer>;
  /**
   * The same for many, in order, read ahead within a bounded window. The memory is the caller's (`read` may keep its own).
   */
  readMany(ids: Iterable<Uint8Array>, checks?: ChunkChecks): AsyncIterable<Buffer>;
  /** Length of the plaintext, from the index alone; undefined when the vault does not hold it. */
  lengthOf(id: Uint8Array): number | undefined;
}
