import type { MessagePort } from 'node:worker_threads';
import type { Finding } from '../../../shared/model/finding.ts';
import type { ErrorKind } from '../../../shared/lib/app-error.ts';
import type { Extent } from '../listing/entry.ts';

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

export type CaptureTask = Readonly<{
  root: string;
  exclude: readonly string[];
  only: readonly string[] | undefined;
  follow: readonly string[];
  previous: PreviousFacts | undefined;
  /** Lengths of the chunks that the table begins with, in new numbers. */
  tableLengths: Uint32Array;
  racyFromNs: bigint;
  nowNs: bigint;
  cutKey: Uint8Array;
  pageKey: Uint8Array;
  /** [0] counts messages to the thread, [1] is 1 when it has to stop. */
  flags: Int32Array;
}>;

/** What begins a run in a thread: the talk goes over a port of its own. */
export type CaptureStart = Readonly<{ task: CaptureTask; port: MessagePort }>;

/** What the numbers of a batch count: chunks of the table, blocks, pieces of the root. */
export type BatchKind = 'data' | 'block' | 'root';

export type BlockFacts = Readonly<{ bytes: number; entries: number; firstPath: Uint8Array }>;

export type CaptureCounts = {
  entries: number;
  files: number;
  bytes: number;
  filesRead: number;
  bytesRead: number;
  excludedFiles: number;
  excludedBytes: number;
};

export type ToMain =
  | Readonly<{
      type: 'batch';
      kind: BatchKind;
      buffer: ArrayBuffer;
      lengths: readonly number[];
      numbers: readonly number[];
    }>
  | Readonly<{ type: 'block-taken' }>
  | Readonly<{ type: 'read-previous'; extents: readonly Extent[] }>
  | Readonly<{ type: 'progress'; files: number; bytes: number; bytesRead: number; path: Uint8Array }>
  /** All chunks but those of the root were sent: the thread waits for their ids. */
  | Readonly<{ type: 'walked'; tableCount: number; blockCount: number }>
  | Readonly<{
      type: 'done';
      checksum: string;
      counts: CaptureCounts;
      warnings: readonly Finding[];
      notes: readonly Finding[];
    }>
  | Readonly<{ type: 'failed'; kind: ErrorKind; message: string }>;

export type ToThread =
  | Readonly<{ type: 'buffer'; buffer: ArrayBuffer }>
  /** The next block of the previous listing; without bytes when it cannot be read. */
  | Readonly<{ type: 'block'; bytes: Uint8Array | undefined }>
  | Readonly<{ type: 'previous'; bytes: Uint8Array | undefined }>
  | Readonly<{ type: 'ids'; table: Uint8Array; blocks: Uint8Array }>;
