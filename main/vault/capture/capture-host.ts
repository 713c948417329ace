import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import type { Transferable, Worker } from 'node:worker_threads';
import { AppError } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import type { Extent } from '../listing/entry.ts';
import { readExtents } from '../listing/read-extents.ts';
import { BlockSender, isGone } from './block-sender.ts';
import { cancelled } from './cancelled.ts';
import { giveCaptureThreadBack, takeCaptureThread } from './capture-threads.ts';
import type { CaptureStart, CaptureTask, ToMain, ToThread } from './capture-messages.ts';
import type { CaptureRequest, CaptureResult } from './capture.ts';
import { IdList } from './id-list.ts';
import type { Beginning } from './previous-facts.ts';

/** How long an ended thread is waited for: one that hangs in a call of the system is left to itself. */
const endMs = 400;

type Batch = Extract<ToMain, { type: 'batch' }>;
type Walked = Extract<ToMain, { type: 'walked' }>;
type Done = Extract<ToMain, { type: 'done' }>;

/** Main's side of one capture: stores what the thread sends, and gives it what it asks for. Ends the thread when disposed. */
export class CaptureHost implements AsyncDisposable {
  readonly #request: CaptureRequest;
  readonly #beginning: Beginning;
  readonly #worker: Worker;
  readonly #channel = new MessageChannel();
  readonly #port = this.#channel.port1;
  readonly #flags = new Int32Array(new SharedArrayBuffer(8));
  readonly #blockSender: BlockSender | undefined;
  readonly #result = Promise.withResolvers<CaptureResult>();
  readonly #ids: Readonly<Record<Batch['kind'], IdList>>;
  readonly #stores = new Set<Promise<void>>();
  #bytesAdded = 0;
  #bytesStored = 0;
  #rootPieces = 0;
  /** The thread has ended this run and can take another. */
  #isThreadFree = false;
  #isEnded = false;
  readonly #onAbort = (): void => {
    this.#fail(cancelled(this.#request.signal));
  };

  constructor(request: CaptureRequest, beginning: Beginning) {
    this.#request = request;
    this.#beginning = beginning;
    this.#ids = { data: new IdList(beginning.table.ids), block: new IdList(), root: new IdList() };
    this.#worker = takeCaptureThread();
    this.#port.on('message', (message: ToMain) => {
      this.#accept(message);
    });
    this.#worker.on('error', (error) => {
      this.#fail(error);
    });
    this.#worker.on('exit', () => {
      this.#fail(new AppError('failed', 'The thread that reads files ended early. Run the backup again.'));
    });
    const start: CaptureStart = { task: this.#task(), port: this.#channel.port2 };
    this.#worker.postMessage(start, [this.#channel.port2]);
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal.aborted) {
      this.#onAbort();
    }
    this.#blockSender = this.#startBlocks();
  }

  get result(): Promise<CaptureResult> {
    return this.#result.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    this.#port.close();
    if (this.#isThreadFree) {
      await giveCaptureThreadBack(this.#worker);
      return;
    }
    // Not waited for when it hangs: a mount that is away can hold a thread for ever.
    const ended = this.#worker.terminate();
    await Promise.race([ended, delay(endMs, undefined, { ref: false })]);
  }

  #task(): CaptureTask {
    const { root, exclude, only, follow = [], racyFromNs, keys } = this.#request;
    const { cutKey, pageKey } = keys.current;
    return {
      root,
      exclude,
      only,
      follow,
      previous: this.#beginning.previous,
      tableLengths: this.#beginning.table.lengths,
      racyFromNs,
      nowNs: BigInt(Date.now()) * 1_000_000n,
      cutKey,
      pageKey,
      flags: this.#flags,
    };
  }

  #startBlocks(): BlockSender | undefined {
    const { previous, reader } = this.#request;
    if (previous === undefined) {
      return undefined;
    }
    const sender = new BlockSender(previous, reader, (bytes) => {
      this.#post({ type: 'block', bytes }, bytes === undefined ? [] : [bytes.buffer]);
    });
    this.#run(sender.run());
    return sender;
  }

  #accept(message: ToMain): void {
    if (this.#isEnded) {
      return;
    }
    switch (message.type) {
      case 'batch':
        this.#track(this.#store(message));
        break;
      case 'block-taken':
        this.#blockSender?.taken();
        break;
      case 'read-previous':
        this.#run(this.#answer(message.extents));
        break;
      case 'progress': {
        const { files, bytes, bytesRead, path } = message;
        this.#request.onProgress?.({ files, bytes, bytesRead, path: pathText(Buffer.from(path)) });
        break;
      }
      case 'walked':
        this.#run(this.#sendIds(message));
        break;
      case 'done':
        this.#isThreadFree = true;
        this.#run(this.#finish(message));
        break;
      case 'failed':
        this.#isThreadFree = true;
        this.#fail(new AppError(message.kind, message.message));
        break;
    }
  }

  async #store(batch: Batch): Promise<void> {
    const { kind, buffer, lengths, numbers } = batch;
    const { writer, compress } = this.#request;
    const isData = kind === 'data';
    // Listings are small and compress well: they are compressed whatever the content is.
    const stored = await writer.store({
      class: isData ? 'data' : 'meta',
      buffer,
      lengths,
      compress: compress || !isData,
    });
    this.#ids[kind].set(numbers, stored.ids);
    this.#bytesAdded += stored.addedBytes;
    this.#bytesStored += stored.storedBytes;
    this.#rootPieces += kind === 'root' ? numbers.length : 0;
    this.#post({ type: 'buffer', buffer: stored.buffer }, [stored.buffer]);
  }

  async #answer(extents: readonly Extent[]): Promise<void> {
    const { previous, reader } = this.#request;
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    try {
      bytes =
        previous === undefined
          ? undefined
          : new Uint8Array(await readExtents(reader, previous.data.table, extents));
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
    }
    this.#post({ type: 'previous', bytes }, bytes === undefined ? [] : [bytes.buffer]);
  }

  async #sendIds(walked: Walked): Promise<void> {
    await this.#allStored();
    const table = this.#ids.data.first(walked.tableCount);
    const blocks = this.#ids.block.first(walked.blockCount);
    this.#post({ type: 'ids', table, blocks }, [table.buffer, blocks.buffer]);
  }

  async #finish(done: Done): Promise<void> {
    await this.#allStored();
    const { counts, checksum, warnings, notes } = done;
    const rootChunks = [...this.#ids.root.hexOf(this.#rootPieces)];
    this.#result.resolve({
      listing: { rootChunks, checksum, entries: counts.entries, files: counts.files, bytes: counts.bytes },
      filesRead: counts.filesRead,
      bytesRead: counts.bytesRead,
      bytesAdded: this.#bytesAdded,
      bytesStored: this.#bytesStored,
      excludedFiles: counts.excludedFiles,
      excludedBytes: counts.excludedBytes,
      warnings,
      notes,
    });
    this.#end();
  }

  async #allStored(): Promise<void> {
    while (this.#stores.size > 0) {
      await Promise.all(this.#stores);
    }
  }

  /** Keeps a store until it is done; a failed one fails the capture. */
  #track(store: Promise<void>): void {
    this.#stores.add(store);
    this.#run(store.finally(() => this.#stores.delete(store)));
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#fail(error);
    });
  }

  #post(message: ToThread, transfer: readonly Transferable[]): void {
    if (!this.#isEnded) {
      this.#port.postMessage(message, transfer);
      this.#wakeThread();
    }
  }

  #fail(error: unknown): void {
    if (!this.#isEnded) {
      this.#result.reject(error);
      this.#end();
    }
  }

  /** Lets the thread stop, whatever it is doing. */
  #end(): void {
    this.#isEnded = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#blockSender?.stop();
    Atomics.store(this.#flags, 1, 1);
    this.#wakeThread();
  }

  #wakeThread(): void {
    Atomics.add(this.#flags, 0, 1);
    Atomics.notify(this.#flags, 0);
  }
}
