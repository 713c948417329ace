import type { ChunkReader } from '../chunks/chunk-store.ts';
import { chunkIdBytes } from '../chunks/chunk-store.ts';
import { damagedListing } from './byte-reader.ts';
import type { Extent } from './entry.ts';
import { limits } from './limits.ts';
import type { ChunkTableData } from './root-codec.ts';

/** A view of the id of a chunk. */
export function chunkIdOf(table: ChunkTableData, number: number): Uint8Array {
  if (number < 0 || number >= table.count) {
    throw damagedListing('it names a chunk that it does not hold');
  }
  return table.ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes);
}

/** The bytes of the extents of a page map, which are no holes. */
export async function readExtents(
  reader: ChunkReader,
  table: ChunkTableData,
  extents: readonly Extent[],
): Promise<Buffer> {
  if (extents.reduce((sum, extent) => sum + extent.length, 0) > limits.pageMapBytes) {
    throw damagedListing('a page map is too long');
  }
  const ids = extents.map((extent) => chunkIdOf(table, extent.chunk));
  const parts: Buffer[] = [];
  for await (const chunk of reader.readMany(ids)) {
    const extent = extents[parts.length];
    if (extent === undefined || extent.offset + extent.length > chunk.length) {
      throw damagedListing('a chunk is shorter than it says');
    }
    // A copy, so that a small map does not keep a whole chunk in memory.
    parts.push(Buffer.from(chunk.subarray(extent.offset, extent.offset + extent.length)));
  }
  return Buffer.concat(parts);
}
