import type { Finding } from '../../../shared/model/finding.ts';
import type { ChunkReader } from '../chunks/chunk-store.ts';
import type { Entry } from '../listing/entry.ts';
import type { Listing } from '../listing/listing.ts';

export type RestoreTreeRequest = Readonly<{
  listing: Listing;
  reader: ChunkReader;
  /** An existing, empty folder of ours. The listing's root entry gives it its metadata at the end. */
  target: string;
  /** Which entries to write; parents of written entries are always made. All when undefined. */
  wants?: (entry: Entry) => boolean;
  /** False writes owner and mode as of the running user with 0600/0700 (`--to`); true restores them. */
  exactMetadata: boolean;
  signal: AbortSignal;
  onProgress?: (progress: Readonly<{ files: number; bytes: number }>) => void;
}>;

/** Written content was checked against CRC-32; a file that could not be is not there and is named in a warning or thrown. */
export type RestoreTreeResult = Readonly<{
  files: number;
  bytes: number;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;
