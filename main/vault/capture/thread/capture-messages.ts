import type { MessagePort } from 'node:worker_threads';
import type { Finding } from '../../../../shared/model/finding.ts';
import type { ErrorKind } from '../../../../shared/lib/app-error.ts';
import type { Extent } from '../../listing/entry.ts';

/** Bytes of the buffers in which chunks go to the main thread, and how many of them may be on their way. */
export const batchBytes = 6 * 1024 * 1024;
export const mostBatchesOut = 4;
/** Blocks of the previous listing that are read ahead. */
export const blocksAhead = 4;

/** What the thread knows of the listing to compare with. Arrays are by the numbers of its chunk table. */
export type PreviousFacts = Readonly<{
  lengths: Uint32Array;
  used: Uint32Array;
  /** 1 where the vault holds the chunk undamaged. */
  usable: Uint8Array;
  /** New number of each old one, -1 for unused ones; undefined while numbers stay. */
  renumbered: Int32Array | undefined;
  /** Entries of each block. */
  blocks: Uint32Array;
  bytes: number;
}>;

/** Where the tree is walked: a folder of this host, or records that main sends on. */
export type TreeTask =
  | Readonly<{
      kind: 'folder';
      root: string;
      exclude: readonly string[];
      only: readonly string[] | undefined;
      follow: readonly string[];
    }>
  | Readonly<{
      kind: 'records';
      /** Files whose content is sent. */
      wantedFiles: number;
      moved: MovedFiles | undefined;
    }>;

export type CaptureTask = Readonly<{
  kind: 'capture';
  tree: TreeTask;
  previous: PreviousFacts | undefined;
  /** Lengths of the chunks that the table begins with, in new numbers. */
  tableLengths: Uint32Array;
  /** Whether chunks of which little is used may be freed by storing their content anew. */
  mayRecut: boolean;
  racyFromNs: bigint;
  nowNs: bigint;
  cutKey: Uint8Array;
  pageKey: Uint8Array;
  flags: ThreadFlags;
}>;

/** [0] counts messages to the thread, [1] is 1 when it has to stop. */
export type ThreadFlags = Int32Array;

/**
 * Files that lie elsewhere in the listing before, three numbers for each: which entry of the tree it is, the block of the listing
 * and the entry in that block which it was. Ascending by the first.
 */
export type MovedFiles = Uint32Array;

/** Finds out which files have to be sent. */
export type SelectTask = Readonly<{
  kind: 'select';
  previous: PreviousFacts | undefined;
  /** Lengths of the chunks that the table begins with. */
  tableLengths: Uint32Array;
  mayRecut: boolean;
  /** Files that are made here: the records as they came, and the wanted stream. */
  recordsFile: string;
  wantedFile: string;
  mostRecordBytes: number;
  flags: ThreadFlags;
}>;

export type Selected = Readonly<{
  entries: number;
  wantedFiles: number;
  /** What they take on disk. */
  wantedBytes: number;
  /** Length of the tree stream. */
  recordBytes: number;
  moved: MovedFiles;
  /** The head of the tree stream. */
  nowNs: bigint;
  syncedNs: bigint;
}>;

/** Lists a folder of this host, or sends files of it, as records. */
export type AccessTask = Readonly<
  (
    | { kind: 'list'; exclude: readonly string[]; only: readonly string[] | undefined; sync: boolean }
    | { kind: 'send' }
  ) & { root: string; flags: ThreadFlags }
>;

/** Keeps a stream in a file that is made here (0600): `failed` when it is longer. */
export type KeepTask = Readonly<{ kind: 'keep'; file: string; mostBytes: number; flags: ThreadFlags }>;

/** Does nothing: the thread is started, and ready for the next task. */
export type WarmTask = Readonly<{ kind: 'warm'; flags: ThreadFlags }>;

export type ThreadTask = CaptureTask | SelectTask | AccessTask | KeepTask | WarmTask;

/** What begins a run in a thread: the talk goes over a port of its own. */
export type CaptureStart = Readonly<{ task: ThreadTask; port: MessagePort }>;

/** Streams that main sends on to a thread. */
export type StreamName = 'records' | 'content';

/** What the numbers of a batch count: chunks of the table, blocks, pieces of the root. */
export type BatchKind = 'data' | 'block' | 'root';

/** What patterns left out. */
export type ExcludedCounts = { excludedFiles: number; excludedBytes: number };

export type CaptureCounts = ExcludedCounts & {
  entries: number;
  files: number;
  bytes: number;
  filesRead: number;
  bytesRead: number;
};

export type ToMain =
  | Readonly<{
      type: 'batch';
      kind: BatchKind;
      buffer: SharedArrayBuffer;
      lengths: readonly number[];
      numbers: readonly number[];
    }>
  | Readonly<{ type: 'block-taken' }>
  | Readonly<{ type: 'piece-taken'; stream: StreamName }>
  /** A block of the previous listing out of turn: answered by `previous`. */
  | Readonly<{ type: 'read-block'; index: number }>
  | Readonly<{ type: 'read-previous'; extents: readonly Extent[] }>
  | Readonly<{ type: 'progress'; files: number; bytes: number; bytesRead: number; path: Uint8Array }>
  /** All chunks but those of the root were sent: the thread waits for their ids. */
  | Readonly<{ type: 'walked'; tableCount: number; blockCount: number }>
  | Readonly<{
      type: 'done';
      checksum: string;
      counts: CaptureCounts;
      changedDatabases: readonly Uint8Array[];
      warnings: readonly Finding[];
      notes: readonly Finding[];
    }>
  | Readonly<{ type: 'selected'; selected: Selected }>
  | Failed;

export type Failed = Readonly<{ type: 'failed'; kind: ErrorKind; message: string }>;

export type ToThread =
  /** A batch is stored: its buffer may be filled again. */
  | Readonly<{ type: 'buffer'; buffer: SharedArrayBuffer }>
  /** The next block of the previous listing; without bytes when it cannot be read. */
  | Readonly<{ type: 'block'; bytes: Uint8Array | undefined }>
  /** The next piece of a stream; without bytes at its end. */
  | Readonly<{ type: 'piece'; stream: StreamName; bytes: Uint8Array | undefined }>
  | Readonly<{ type: 'previous'; bytes: Uint8Array | undefined }>
  | Readonly<{ type: 'ids'; table: Uint8Array; blocks: Uint8Array }>;

/** The talk with a thread that lists or sends. */
export type AccessToMain =
  | Readonly<{ type: 'given'; bytes: Uint8Array<ArrayBuffer> }>
  | Readonly<{ type: 'piece-taken' }>
  | Readonly<{ type: 'done' }>
  | Failed;

export type AccessToThread =
  /** Memory of a given piece, to be used again. */
  | Readonly<{ type: 'buffer'; buffer: ArrayBuffer }>
  /** The next piece of the wanted stream; without bytes at its end. */
  | Readonly<{ type: 'piece'; bytes: Uint8Array | undefined }>;
