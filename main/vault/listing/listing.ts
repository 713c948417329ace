import type { ListingRoot } from '../../../shared/model/manifest.ts';
import type { Entry, Extent, FileEntry } from './entry.ts';
import type { RootData } from './root-codec.ts';

/**
 * A listing, opened from its root: entries depth first, ordered bytewise by path component (a folder before what it holds).
 * Everything read from it was checked: whatever the bytes, paths are relative, clean and in order, counts are bounded; else `damaged`.
 */
export interface Listing {
  readonly root: ListingRoot;
  /** What the root says: chunk table and blocks. */
  readonly data: RootData;
  /** All entries, or those at and below `prefix`. */
  entries(prefix?: Buffer): AsyncIterable<Entry>;
  /** The entry at exactly this path. */
  entry(path: Buffer): Promise<Entry | undefined>;
  /** Direct children of a folder, in order, without reading what lies below them; only those after the child `after`. */
  children(folder: Buffer, after?: Buffer): AsyncIterable<Entry>;
  /** The extents of a file's content in order, page maps resolved. */
  contentOf(file: FileEntry): Promise<readonly Extent[]>;
  /** The id of a chunk of the chunk table. */
  chunkId(number: number): Uint8Array;
  /** Ids of every chunk the listing needs: its own (root, table, blocks) and those of its content and page maps. */
  allChunks(): AsyncIterable<Uint8Array>;
}
