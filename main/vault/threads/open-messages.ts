import type { ChunkChecks } from '../chunks/chunk-store.ts';
import type { PackedChunk } from '../chunks/pack-record.ts';

/** Sealed chunks within `buffer`, at `offset` each. The buffer is transferred. */
export type OpenRequest = Readonly<{
  buffer: ArrayBuffer;
  items: readonly Readonly<{ offset: number; chunk: PackedChunk }>[];
  checks: ChunkChecks;
}>;

/** Plaintexts, each in memory of its own, which is transferred; undefined for a chunk that could not be opened. */
export type OpenReply = readonly (Uint8Array<ArrayBuffer> | undefined)[];
