import type { ChunkIndex } from '../index/chunk-index.ts';

/** What a check of one whole pack found. */
export type PackCheck = Readonly<{
  packId: string;
  /** Bytes read. */
  bytes: number;
  /** Undefined when every byte is right; else what is wrong, in plain words. */
  problem?: string;
  /** Chunks whose copy in this pack does not open; all of them (by the index) for a pack that is missing. */
  damagedChunks: readonly Uint8Array[];
}>;

export type InventoryNote = Readonly<{ object: string; message: string }>;

/**
 * The packs of a vault as garbage collection and verify see them, over the index. Chunks have numbers below `chunkCount`, for bit
 * maps over all of them.
 */
export interface PackInventory extends Pick<ChunkIndex, 'numberOf' | 'usage' | 'packs'> {
  readonly chunkCount: number;
  /**
   * Brings the index in line with the storage: all index objects are read, packs that none of them mentions are taken in by their
   * footers. `notes` names index objects that are damaged; `unreadable` packs that nothing tells the chunks of.
   */
  load(
    signal: AbortSignal,
  ): Promise<Readonly<{ notes: readonly InventoryNote[]; unreadable: readonly string[] }>>;
  /** Packs that hold a copy of the chunk, the best first. */
  packsOf(id: Uint8Array): readonly string[];
  /** Packs that no durable index object names. No committed backup needs one, unless an index object was lost. */
  unindexed(): ReadonlySet<string>;
  /** Ids of the chunks that the pack holds by the index. Takes long: for packs that cannot be read. */
  chunksIn(packId: string): readonly Uint8Array[];
  /**
   * Reads a whole pack: its SHA-256 is its name, its footer opens and says what the index says, each chunk opens and has its id.
   * Throws only what is no damage (`unavailable`, `cancelled`).
   */
  checkPack(packId: string, signal: AbortSignal): Promise<PackCheck>;
  /**
   * Copies the sealed chunks of these packs that are used (1 in `live`) unchanged into new packs. They are durable and in the
   * durable index when it resolves, and are then the best copies. A chunk that does not open is left where it is.
   */
  repack(packIds: readonly string[], live: Uint8Array, signal: AbortSignal): Promise<void>;
  /** From now on nothing new relies on these packs, or again. In memory only: the marks are in `doomed/`. */
  setDoomed(packIds: readonly string[], isDoomed: boolean): void;
  /** The packs were deleted: no durable index object mentions them any more when it resolves. */
  forget(packIds: readonly string[], signal: AbortSignal): Promise<void>;
}
