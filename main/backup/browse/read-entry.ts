import { AppError } from '../../../shared/lib/app-error.ts';
import type { ChunkReader } from '../../vault/chunks/chunk-store.ts';
import type { Listing } from '../../vault/listing/listing.ts';

/** The content of a small file of a listing; undefined when there is none at this path, or it is no file or longer than that. */
export async function readSmallEntry(
  listing: Listing,
  chunks: ChunkReader,
  wanted: Readonly<{ path: string; maxBytes: number }>,
): Promise<Buffer | undefined> {
  const entry = await listing.entry(Buffer.from(wanted.path));
  if (entry?.kind !== 'file' || entry.stat.size > wanted.maxBytes) return undefined;
  const pieces: Buffer[] = [];
  for (const { chunk, offset, length } of await listing.contentOf(entry)) {
    if (chunk < 0) pieces.push(Buffer.alloc(length));
    else pieces.push((await chunks.read(listing.chunkId(chunk))).subarray(offset, offset + length));
  }
  const content = Buffer.concat(pieces);
  if (content.length === entry.stat.size) return content;
  throw new AppError(
    'damaged',
    `${wanted.path} in this backup is not whole. Restore it from another backup.`,
  );
}
