import { createHash } from 'node:crypto';
import type { ListingRoot } from '../../../shared/model/manifest.ts';
import type { ChunkReader } from '../chunks/chunk-store.ts';
import { damagedListing } from './byte-reader.ts';
import { limits } from './limits.ts';
import type { Listing } from './listing.ts';
import { decodeRoot } from './root-codec.ts';
import { StoredListing } from './stored-listing.ts';

/** Reads and checks the root of a listing; `damaged` unless its bytes are those that the manifest names. */
export async function openListing(reader: ChunkReader, root: ListingRoot): Promise<Listing> {
  const data = decodeRoot(await readRoot(reader, root));
  if (data.entries !== root.entries || data.files !== root.files || data.bytes !== root.bytes) {
    throw damagedListing('its counts are not those of the manifest');
  }
  return new StoredListing(reader, root, data);
}

async function readRoot(reader: ChunkReader, root: ListingRoot): Promise<Buffer> {
  const hash = createHash('sha256');
  const ids = root.rootChunks.map((id) => Buffer.from(id, 'hex'));
  const bytes = Buffer.allocUnsafe(lengthOfRoot(reader, ids));
  let length = 0;
  for await (const piece of reader.readMany(ids)) {
    if (length + piece.length > bytes.length) {
      throw damagedListing('its root is too long');
    }
    hash.update(piece);
    piece.copy(bytes, length);
    length += piece.length;
  }
  if (hash.digest('hex') !== root.checksum) {
    throw damagedListing('the checksum of its root is another');
  }
  return bytes.subarray(0, length);
}

/** As the index says, before memory is taken for it. A chunk that the index does not know may be found while it is read. */
function lengthOfRoot(reader: ChunkReader, ids: readonly Uint8Array[]): number {
  let total = 0;
  for (const id of ids) {
    const length = reader.lengthOf(id) ?? limits.rootPieceBytes;
    total += length;
    if (length > limits.rootPieceBytes || total > limits.rootBytes) {
      throw damagedListing('its root is too long');
    }
  }
  return total;
}
