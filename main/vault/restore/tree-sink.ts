import type { Finding } from '../../../shared/model/finding.ts';
import type { SentChunk, TreeCounts } from './tree-thread.ts';

/** Whoever writes one tree from operations and the chunks that they need: a thread here, or a program where the folder is. */
export interface TreeSink extends AsyncDisposable {
  /** Resolves once more may be sent. The chunks' memory is given away. */
  send(ops: Uint8Array, chunks: readonly SentChunk[]): Promise<void>;
  /** Settles as `promise` does, or rejects as soon as writing fails or is cancelled. */
  whileRunning<Value>(promise: Promise<Value>): Promise<Value>;
  /** Resolves when all is written, checked and on the disk. */
  finish(): Promise<TreeCounts & Readonly<{ losses: readonly Finding[] }>>;
}
