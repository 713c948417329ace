import { AppError } from '../../../shared/lib/app-error.ts';
import type { ErrorDetails, ErrorKind } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { NativeThread } from '../../platform/native-thread.ts';
import { threadEntry } from '../../platform/thread-entry.ts';
import { within } from '../../platform/within.ts';
import type { CountJob } from './count/tree-counter.ts';
import type { TreeTally } from './count/tree-tally.ts';
import type { TreeDifference } from './tree-difference.ts';

export type CompareJob = Readonly<{
  /** Differences beyond are not looked for. */
  mostDifferences: number;
  /** Says of each file with more than one name how many there are. */
  countsNames: boolean;
  /** ns since 1970: content is not read, but counts as changed where its status changed since; undefined reads it. */
  unreadSinceNs: bigint | undefined;
}>;

/** `exact` also writes, or compares, owner, mode and attributes. */
export type TreeJob = Readonly<{ folder: string; exact: boolean }> &
  (
    | Readonly<{ work: 'write' }>
    | (Readonly<{ work: 'compare' }> & CompareJob)
    | (Readonly<{ work: 'count' }> & CountJob)
  );

/** An opened chunk in memory of its own. */
export type SentChunk = Readonly<{ chunk: number; bytes: Uint8Array<ArrayBuffer> }>;

export type ToTreeThread =
  | Readonly<{ kind: 'batch'; ops: Uint8Array; chunks: readonly SentChunk[]; weight: number }>
  | Readonly<{ kind: 'end' }>;

export type TreeCounts = Readonly<{ files: number; bytes: number }>;

export type TreeThreadResult = TreeCounts &
  Readonly<{
    losses: readonly Finding[];
    differences: readonly TreeDifference[];
    /** Of a thread that counts. */
    tally: TreeTally | undefined;
  }>;

export type SentError = Readonly<{ kind: ErrorKind; message: string; details: ErrorDetails }>;

export type FromTreeThread =
  | Readonly<{ kind: 'done'; weight: number; counts: TreeCounts }>
  | Readonly<{ kind: 'finished'; result: TreeThreadResult }>
  | Readonly<{ kind: 'failed'; error: SentError }>;

/** Bytes on their way to a thread, or waiting in it. */
const maxInFlight = 8 * 1024 * 1024;
const stopMs = 700;

/** The main thread's end of the thread that works on one tree. Sending waits until the thread has caught up. */
export class TreeThread implements AsyncDisposable {
  readonly #thread: NativeThread;
  readonly #signal: AbortSignal;
  readonly #onCounts: (counts: TreeCounts) => void;
  readonly #onAbort = (): void => {
    const { reason } = this.#signal;
    this.#fail(reason instanceof AppError ? reason : new AppError('cancelled', 'The work was cancelled.'));
  };
  readonly #rejects = new Set<(error: Error) => void>();
  #inFlight = 0;
  #failure: Error | undefined;
  #result: TreeThreadResult | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(job: TreeJob, signal: AbortSignal, onCounts: (counts: TreeCounts) => void) {
    this.#signal = signal;
    this.#onCounts = onCounts;
    this.#thread = new NativeThread(threadEntry(import.meta.url, '../threads/restore.thread.ts'), {}, job);
    const { worker } = this.#thread;
    worker.on('message', (message: FromTreeThread) => {
      this.#receive(message);
    });
    for (const event of ['error', 'messageerror'] as const) {
      worker.on(event, (error: unknown) => {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      });
    }
    worker.on('exit', () => {
      this.#fail(new Error('The thread that works on files ended early'));
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) {
      this.#onAbort();
    }
  }

  /** Sends operations and the chunks that they need. The chunks' memory is given away. */
  async send(ops: Uint8Array, chunks: readonly SentChunk[]): Promise<void> {
    const weight = chunks.reduce((sum, { bytes }) => sum + bytes.length, ops.length);
    while (this.#inFlight > 0 && this.#inFlight + weight > maxInFlight) {
      await this.#change();
    }
    this.#inFlight += weight;
    // A copy of just these bytes: cloning a view would clone all the memory behind it.
    const own = new Uint8Array(ops);
    this.#post({ kind: 'batch', ops: own, chunks, weight }, [
      own.buffer,
      ...chunks.map(({ bytes }) => bytes.buffer),
    ]);
  }

  /** Resolves when the thread has done all that was sent; what was written is then on the disk. */
  async finish(): Promise<TreeThreadResult> {
    this.#post({ kind: 'end' }, []);
    for (;;) {
      if (this.#result !== undefined) {
        return this.#result;
      }
      await this.#change();
    }
  }

  /** Settles as `promise` does, or rejects as soon as the thread fails or the signal aborts. */
  async whileRunning<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    this.#rejects.add(reject);
    if (this.#failure !== undefined) {
      reject(this.#failure);
    }
    try {
      return await Promise.race([failed, promise]);
    } finally {
      this.#rejects.delete(reject);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#failure ??= new Error('The thread was ended');
    // Only a system call that hangs (a stalled disk) takes longer; nothing is written after it.
    await within(stopMs, this.#thread.end());
  }

  async #change(): Promise<void> {
    await this.whileRunning(this.#changed.promise);
  }

  #post(message: ToTreeThread, transfer: readonly ArrayBuffer[]): void {
    this.#thread.worker.postMessage(message, transfer);
  }

  #receive(message: FromTreeThread): void {
    if (message.kind === 'failed') {
      const { kind, message: text, details } = message.error;
      this.#fail(new AppError(kind, text, { details }));
      return;
    }
    if (message.kind === 'done') {
      this.#inFlight -= message.weight;
      this.#onCounts(message.counts);
    } else {
      this.#result = message.result;
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const reject of this.#rejects) {
      reject(this.#failure);
    }
  }
}
