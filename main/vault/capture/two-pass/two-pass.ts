import type { ChunkReader, ChunkWriter } from '../../chunks/chunk-store.ts';
import type { ThreadKeys } from '../../keys/thread-keys.ts';
import type { Listing } from '../../listing/listing.ts';
import type { CaptureProgress, CaptureResult, ExcludeRules } from '../capture.ts';
import type { TreeAccess } from '../records/tree-access.ts';

/** A tree to be copied in two passes: a folder of this host, or one that only an access reads. */
export type TwoPassTree = Readonly<
  ({ kind: 'folder'; root: string } | { kind: 'access'; access: TreeAccess }) & {
    exclude: ExcludeRules;
    only?: readonly string[];
  }
>;

/** Whether all that was to be frozen was so from the end of `freeze` to the beginning of `resume`, and why not. */
export type Resumed = Readonly<{ wasFrozen: true } | { wasFrozen: false; reason: string }>;

/** What every pass over a tree needs. */
export type OnePassRequest = Readonly<{
  tree: TwoPassTree;
  /** Listing of the last backup; undefined reads everything. */
  previous?: Listing;
  /** As for a capture of a folder. An access that syncs says when it did, and that counts then. */
  racyFromNs: bigint;
  compress: boolean;
  vault: ChunkReader & ChunkWriter;
  keys: ThreadKeys;
  /** A private folder on a local disk: what is listed or frozen is kept there (0600) for as long as it takes. */
  folder: string;
  /** How much may be kept there. */
  mostSpoolBytes: number;
  signal: AbortSignal;
  onProgress?: (progress: CaptureProgress) => void;
}>;

export type TwoPassRequest = OnePassRequest &
  Readonly<{
    /**
     * Freezes everything that may write to the tree. `onBegun` is to be called before the first of it stands still: what was
     * waited for until then is no time that agents lose. `signal` is aborted when there is no more time: it must end soon
     * then, since nothing is resumed before it has.
     */
    freeze: (signal: AbortSignal, onBegun: () => void) => Promise<void>;
    /** Called once for each call of `freeze`, however that or the pass ended. What it throws ends the capture. */
    resume: () => Promise<Resumed>;
    /** Milliseconds from `onBegun` on, after which it is resumed and the first pass counts. 10 s when undefined. */
    budgetMs?: number;
  }>;

export type PassCounts = Readonly<
  Pick<CaptureResult, 'filesRead' | 'bytesRead' | 'bytesAdded' | 'bytesStored'>
>;

export type TwoPassResult = Readonly<{
  /** The listing that counts, with what both passes stored. */
  capture: CaptureResult;
  hot: PassCounts;
  /** What changed between the passes; undefined when the frozen pass came to nothing. */
  frozen: PassCounts | undefined;
  /** From the call of `freeze` to the end of `resume`. */
  frozenMs: number;
  /** Whether all of it is of one moment. If not, the copy is `live`, and `reason` is a sentence. */
  isConsistent: boolean;
  reason?: string;
}>;
