import type { PackedChunk } from '../chunks/pack-record.ts';

/** Sealed chunks within `buffer`, at `offset` each. The buffer is transferred. */
export type OpenRequest = Readonly<{
  buffer: ArrayBuffer;
  items: readonly Readonly<{ offset: number; chunk: PackedChunk }>[];
}>;

/** The plaintexts back to back in `buffer`; of a chunk that could not be opened the length is -1 and nothing is there. */
export type OpenReply = Readonly<{ buffer: ArrayBuffer; lengths: readonly number[] }>;
