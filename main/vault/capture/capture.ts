import type { Finding } from '../../../shared/model/finding.ts';
import type { ListingRoot } from '../../../shared/model/manifest.ts';
import type { ChunkReader, ChunkWriter } from '../chunks/chunk-store.ts';
import type { Listing } from '../listing/listing.ts';
import type { Selection } from './select/selection.ts';
import type { ThreadKeys } from '../keys/thread-keys.ts';

/**
 * Patterns in the manner of .gitignore, relative to the root: `*` within a component, `**` across, `?`, `[…]`, a leading `/`
 * anchors, a trailing `/` means folders only, a leading `!` takes back. The last match wins.
 */
export type ExcludeRules = readonly string[];

export type CapturedTree =
  | Readonly<{
      kind: 'folder';
      /** Absolute path of the folder; its own entry is the first of the listing. */
      root: string;
      exclude: ExcludeRules;
      /** Only these relative paths (top-level names) are walked; all when undefined. */
      only?: readonly string[];
      /** Top-level names of which the file is captured that they lead to, where they are links. */
      follow?: readonly string[];
    }>
  | Readonly<{
      kind: 'records';
      /** The tree stream, and the content of the files that `selectChanged` found against the same `previous`. */
      records: AsyncIterable<Uint8Array>;
      content: AsyncIterable<Uint8Array>;
      selection: Pick<Selection, 'wantedFiles' | 'moved'>;
    }>;

/** A part of a listing as it is made: blocks and pieces of the root are numbered from 0, and come in order. */
export type ListingPart = Readonly<{ kind: 'block' | 'root'; bytes: Uint8Array }>;

export type CaptureRequest = Readonly<{
  tree: CapturedTree;
  /** The listing to compare with; undefined reads everything. */
  previous?: Listing;
  /** `previous` was made by this writer: all of its chunks serve, though they may not be durable yet. */
  isPreviousOurs?: boolean;
  /** Whether content may be stored anew to free chunks of which little is used; yes when undefined. */
  mayRecut?: boolean;
  /** Gets each part of the listing before it is stored. What it throws fails the capture. */
  onListingPart?: (part: ListingPart) => void;
  /** ns since 1970: files whose mtime or ctime is not older are racy. */
  racyFromNs: bigint;
  compress: boolean;
  writer: ChunkWriter;
  reader: ChunkReader;
  keys: ThreadKeys;
  signal: AbortSignal;
  onProgress?: (progress: CaptureProgress) => void;
}>;

export type CaptureProgress = Readonly<{ files: number; bytes: number; bytesRead: number; path: string }>;

export type CaptureResult = Readonly<{
  listing: ListingRoot;
  /** Files whose content was read; unchanged ones are taken over unopened. */
  filesRead: number;
  bytesRead: number;
  bytesAdded: number;
  bytesStored: number;
  /** Paths left out by patterns, and their bytes where that is known without opening (folders are counted as walked: no). */
  excludedFiles: number;
  excludedBytes: number;
  /** Paths of files stored page by page (SQLite) whose content is another than in the listing before; the first thousand. */
  changedDatabases: readonly Buffer[];
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;
