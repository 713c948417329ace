import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Extent } from '../listing/entry.ts';
import { batchBytes, mostBatchesOut } from './capture-messages.ts';
import type { BatchKind, ToMain, ToThread } from './capture-messages.ts';

const progressMs = 100;
const waitMs = 100;

/**
 * The thread's side of the talk with main. The thread works in one go, without an event loop: where it has to wait for main, it
 * sleeps until the message comes, and learns of a cancelled run within 100 ms.
 */
export class ThreadLink {
  readonly #port: MessagePort;
  readonly #flags: Int32Array;
  readonly #buffers: ArrayBuffer[] = [];
  readonly #blocks: (Uint8Array | undefined)[] = [];
  readonly #answers: (Uint8Array | undefined)[] = [];
  #ids: Readonly<{ table: Uint8Array; blocks: Uint8Array }> | undefined;
  #out = 0;
  #nextProgress = 0;

  constructor(port: MessagePort, flags: Int32Array) {
    this.#port = port;
    this.#flags = flags;
  }

  /** Throws when the run was cancelled. */
  check(): void {
    if (Atomics.load(this.#flags, 1) !== 0) {
      throw new AppError('cancelled', 'The backup was cancelled.');
    }
  }

  /** A buffer of batchBytes to fill; waits while too many are on their way. */
  takeBuffer(): ArrayBuffer {
    this.#receiveAll();
    while (this.#buffers.length === 0 && this.#out >= mostBatchesOut) {
      this.#wait();
    }
    return this.#buffers.pop() ?? new ArrayBuffer(batchBytes);
  }

  /** Gives a buffer back unsent. */
  keepBuffer(buffer: ArrayBuffer): void {
    this.#buffers.push(buffer);
  }

  sendBatch(
    kind: BatchKind,
    buffer: ArrayBuffer,
    lengths: readonly number[],
    numbers: readonly number[],
  ): void {
    this.#out += 1;
    this.#post({ type: 'batch', kind, buffer, lengths, numbers }, [buffer]);
  }

  /** The next block of the previous listing; undefined when it cannot be read. */
  takeBlock(): Uint8Array | undefined {
    while (this.#blocks.length === 0) {
      this.#wait();
    }
    this.#post({ type: 'block-taken' });
    return this.#blocks.shift();
  }

  /** Content of the previous listing (a page map); undefined when it cannot be read. */
  readPrevious(extents: readonly Extent[]): Uint8Array | undefined {
    this.#post({ type: 'read-previous', extents });
    while (this.#answers.length === 0) {
      this.#wait();
    }
    return this.#answers.shift();
  }

  /** Says that the walk is done, and waits for the ids of all chunks. */
  exchangeIds(tableCount: number, blockCount: number): Readonly<{ table: Uint8Array; blocks: Uint8Array }> {
    this.#post({ type: 'walked', tableCount, blockCount });
    while (this.#ids === undefined) {
      this.#wait();
    }
    return this.#ids;
  }

  isProgressDue(): boolean {
    return performance.now() >= this.#nextProgress;
  }

  sendProgress(
    counts: Readonly<{ files: number; bytes: number; bytesRead: number }>,
    path: Uint8Array,
  ): void {
    this.#nextProgress = performance.now() + progressMs;
    this.#post({ type: 'progress', ...counts, path });
  }

  send(message: ToMain): void {
    this.#post(message);
  }

  #post(message: ToMain, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  #wait(): void {
    this.check();
    const seen = Atomics.load(this.#flags, 0);
    if (!this.#receiveAll()) {
      Atomics.wait(this.#flags, 0, seen, waitMs);
      this.#receiveAll();
    }
  }

  #receiveAll(): boolean {
    let isAny = false;
    for (
      let got = receiveMessageOnPort(this.#port);
      got !== undefined;
      got = receiveMessageOnPort(this.#port)
    ) {
      // Main sends nothing else on this port.
      this.#accept(got.message as ToThread);
      isAny = true;
    }
    return isAny;
  }

  #accept(message: ToThread): void {
    switch (message.type) {
      case 'buffer':
        this.#out -= 1;
        this.#buffers.push(message.buffer);
        break;
      case 'block':
        this.#blocks.push(message.bytes);
        break;
      case 'previous':
        this.#answers.push(message.bytes);
        break;
      case 'ids':
        this.#ids = message;
        break;
    }
  }
}
