import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../platform/thread-entry.ts';
import type { ThreadKeys } from '../keys/thread-keys.ts';
import type { OpenReply, OpenRequest } from '../threads/open-messages.ts';
import { ThreadCalls } from '../threads/thread-calls.ts';
import { openChunks } from './chunk-opening.ts';
import type { ChunkChecks } from './chunk-store.ts';
import { ChunkSealer } from './chunk-sealing.ts';

const mostThreads = 4;
/** Starting threads costs more than opening this much here. */
const bytesWithoutThreads = 8 * 1024 * 1024;

type OpenCalls = ThreadCalls<OpenRequest, OpenReply>;

/** Opens chunks: the first few on this thread, more on threads that start then. */
export class OpenPool implements AsyncDisposable {
  readonly keys: ThreadKeys;
  readonly #sealer: ChunkSealer;
  readonly #most = Math.max(1, Math.min(availableParallelism(), mostThreads));
  #threads: OpenCalls[] = [];
  #openedHere = 0;

  constructor(keys: ThreadKeys) {
    this.keys = keys;
    this.#sealer = new ChunkSealer(keys);
  }

  /** `sealed` must not be used again: it may be transferred away. */
  async open(
    sealed: Uint8Array,
    items: OpenRequest['items'],
    checks: ChunkChecks = 'all',
  ): Promise<OpenReply> {
    const request = { buffer: memoryOf(sealed), items, checks };
    if (this.#openedHere < bytesWithoutThreads) {
      this.#openedHere += items.reduce((sum, { chunk }) => sum + chunk.rawLength, 0);
      return openChunks(this.#sealer, request);
    }
    return await this.#idlest().call(request, [request.buffer]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map(async (calls) => await calls[Symbol.asyncDispose]()));
  }

  #idlest(): OpenCalls {
    const idlest = this.#threads.toSorted((a, b) => a.outstanding - b.outstanding)[0];
    if (idlest !== undefined && (idlest.outstanding === 0 || this.#threads.length === this.#most)) {
      return idlest;
    }
    const entry = threadEntry(import.meta.url, '../threads/open.thread.ts');
    const calls: OpenCalls = new ThreadCalls(new Worker(entry, { workerData: this.keys, name: 'open' }), {
      onDeath: () => {
        this.#threads = this.#threads.filter((each) => each !== calls);
      },
    });
    this.#threads.push(calls);
    return calls;
  }
}

/** Small reads lie in a buffer that others share, which cannot be transferred. */
function memoryOf(sealed: Uint8Array): ArrayBuffer {
  const { buffer } = sealed;
  const isOwn = buffer instanceof ArrayBuffer && sealed.byteLength === buffer.byteLength;
  return isOwn ? buffer : new Uint8Array(sealed).buffer;
}
