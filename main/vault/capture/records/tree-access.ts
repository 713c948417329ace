import type { ExcludeRules } from '../capture.ts';

export type ListOptions = Readonly<{
  exclude: ExcludeRules;
  /** Only these names in the root are walked; all when undefined. */
  only?: readonly string[];
  /** Write the file system to its disk first, and say in the head of the stream when that began. */
  sync: boolean;
  /** Whether the next `list` will say `since`; no when undefined. */
  again?: boolean;
  /**
   * A file with what the `list` before gave, byte by byte. It saves who is far away from sending what stands there already; others read
   * the whole tree and need not heed it.
   */
  since?: string;
  signal: AbortSignal;
}>;

/**
 * Reads one tree for the capture, as streams of bytes whose form README.md says; pieces may be of any length. Both reject when the tree
 * cannot be read at all; the streams end early, or throw, when `signal` is aborted.
 */
export interface TreeAccess extends AsyncDisposable {
  /** The tree stream: all entries in the order of listings. */
  list(options: ListOptions): AsyncIterable<Uint8Array>;
  /** The content stream of the files that the wanted stream names, each answered in its order. */
  send(wanted: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Starts ahead what the next `list` and the next `send` take, where that takes time. What it cannot start they will. */
  prepare?(signal: AbortSignal): Promise<void>;
}
