import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../shared/lib/app-error.ts';
import { threadEntry } from '../../platform/thread-entry.ts';
import type { SealEvent, SealReply, SealRequest } from '../threads/seal-messages.ts';
import { ThreadCalls } from '../threads/thread-calls.ts';
import type { SealSettings } from './batch-sealer.ts';
import type { ChunkBatch } from './chunk-store.ts';
import type { BuiltPack } from './pack-builder.ts';

const mostThreads = 4;

/** A pack from a thread; call `giveBack` when its bytes are written: the thread uses its body again. */
export type SealedPack = Readonly<{ pack: BuiltPack; giveBack: () => void }>;

type Handlers = Readonly<{ onPack: (pack: SealedPack) => void; onDeath: (error: AppError) => void }>;

type SealCalls = ThreadCalls<SealRequest, SealReply, SealEvent>;

/** One batch within the thread that identified it. */
export type IdentifiedBatch = Readonly<{
  ids: Uint8Array;
  /** Seals what is wanted (1 for each chunk); gives what that takes in bytes. */
  seal: (wanted: Uint8Array) => Promise<number>;
}>;

/** The sealing threads of one writer. They start with the first batch that needs them. */
export class SealPool implements AsyncDisposable {
  readonly #settings: SealSettings;
  readonly #handlers: Handlers;
  readonly #threads: { calls: SealCalls; batches: number }[] = [];
  readonly #most = Math.max(1, Math.min(availableParallelism(), mostThreads));
  #nextNumber = 1;

  constructor(settings: SealSettings, handlers: Handlers) {
    this.#settings = settings;
    this.#handlers = handlers;
  }

  /** Starts the first thread, which takes some time, before there is something to do for it. */
  warmUp(): void {
    if (this.#threads.length === 0) {
      this.#threads.push({ calls: this.#start(), batches: 0 });
    }
  }

  /** `body` uses one thread from identifying to sealing. */
  async withBatch<Result>(
    batch: ChunkBatch,
    body: (identified: IdentifiedBatch) => Promise<Result>,
  ): Promise<Result> {
    const thread = this.#idlest();
    thread.batches += 1;
    try {
      const number = this.#nextNumber;
      this.#nextNumber += 1;
      const identified = await thread.calls.call({ kind: 'identify', number, batch });
      const seal = async (wanted: Uint8Array): Promise<number> =>
        expected(await thread.calls.call({ kind: 'seal', number, wanted }), 'sealed').storedBytes;
      return await body({ ids: expected(identified, 'identified').ids, seal });
    } finally {
      thread.batches -= 1;
    }
  }

  /** Every pack that was begun has been handed over when it resolves. */
  async finish(): Promise<void> {
    await Promise.all(this.#threads.map(async ({ calls }) => await calls.call({ kind: 'finish' })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(async ({ calls }) => await calls[Symbol.asyncDispose]()));
  }

  /** The first of those with the fewest batches: a small run fills the packs of one thread only. */
  #idlest(): { calls: SealCalls; batches: number } {
    const idlest = this.#threads.toSorted((a, b) => a.batches - b.batches)[0];
    if (idlest !== undefined && (idlest.batches === 0 || this.#threads.length === this.#most)) {
      return idlest;
    }
    const thread = { calls: this.#start(), batches: 0 };
    this.#threads.push(thread);
    return thread;
  }

  #start(): SealCalls {
    const entry = threadEntry(import.meta.url, '../threads/seal.thread.ts');
    const worker = new Worker(entry, { workerData: this.#settings, name: 'seal' });
    const calls: SealCalls = new ThreadCalls(worker, {
      onEvent: ({ pack }) =>
        this.#handlers.onPack({ pack, giveBack: () => void this.#giveBack(calls, pack.body) }),
      onDeath: (error) => this.#handlers.onDeath(error),
    });
    return calls;
  }

  async #giveBack(calls: SealCalls, body: SharedArrayBuffer): Promise<void> {
    try {
      await calls.call({ kind: 'reuse', body });
    } catch {
      // The thread is gone: whoever waits for its batches is told, and the body is garbage.
    }
  }
}

function expected<Kind extends SealReply['kind']>(
  reply: SealReply,
  kind: Kind,
): Extract<SealReply, { kind: Kind }> {
  if (reply.kind !== kind) {
    throw new AppError(
      'failed',
      `A sealing thread answered ${reply.kind} where ${kind} was due; run the command again.`,
    );
  }
  // The check above is the narrowing; TypeScript does not see it through the type parameter.
  return reply as Extract<SealReply, { kind: Kind }>;
}
