import type { MessagePort, Transferable } from 'node:worker_threads';
import type { Extent } from '../../listing/entry.ts';
import { batchBytes, mostBatchesOut } from './capture-messages.ts';
import type { BatchKind, StreamName, ToMain, ToThread } from './capture-messages.ts';
import { ThreadPort } from './thread-port.ts';

const progressMs = 100;
/** What capturing and selecting ask of main. */
export class ThreadLink {
  readonly #port: ThreadPort<ToThread, ToMain>;
  readonly #pieces: Readonly<Record<StreamName, (Uint8Array | undefined)[]>> = { records: [], content: [] };
  readonly #buffers: SharedArrayBuffer[] = [];
  readonly #blocks: (Uint8Array | undefined)[] = [];
  readonly #answers: (Uint8Array | undefined)[] = [];
  #ids: Readonly<{ table: Uint8Array; blocks: Uint8Array }> | undefined;
  #out = 0;
  #nextProgress = 0;

  constructor(port: MessagePort, flags: Int32Array) {
    this.#port = new ThreadPort(port, flags, (message) => {
      this.#accept(message);
    });
  }

  /** Throws when the run was cancelled. */
  check(): void {
    this.#port.check();
  }

  /** A buffer of batchBytes to fill; waits while too many are on their way. */
  takeBuffer(): SharedArrayBuffer {
    this.#port.receiveAll();
    while (this.#buffers.length === 0 && this.#out >= mostBatchesOut) {
      this.#port.wait();
    }
    return this.#buffers.pop() ?? new SharedArrayBuffer(batchBytes);
  }

  /** Gives a buffer back unsent. */
  keepBuffer(buffer: SharedArrayBuffer): void {
    this.#buffers.push(buffer);
  }

  sendBatch(
    kind: BatchKind,
    buffer: SharedArrayBuffer,
    lengths: readonly number[],
    numbers: readonly number[],
  ): void {
    this.#out += 1;
    this.#post({ type: 'batch', kind, buffer, lengths, numbers });
  }

  /** The next block of the previous listing; undefined when it cannot be read. */
  takeBlock(): Uint8Array | undefined {
    while (this.#blocks.length === 0) {
      this.#port.wait();
    }
    this.#post({ type: 'block-taken' });
    return this.#blocks.shift();
  }

  /** A block of the previous listing, out of turn; undefined when it cannot be read. */
  readBlock(index: number): Uint8Array | undefined {
    this.#post({ type: 'read-block', index });
    return this.#takeAnswer();
  }

  /** The next piece of a stream; undefined at its end. */
  takePiece(stream: StreamName): Uint8Array | undefined {
    const pieces = this.#pieces[stream];
    while (pieces.length === 0) {
      this.#port.wait();
    }
    this.#post({ type: 'piece-taken', stream });
    return pieces.shift();
  }

  /** Content of the previous listing (a page map); undefined when it cannot be read. */
  readPrevious(extents: readonly Extent[]): Uint8Array | undefined {
    this.#post({ type: 'read-previous', extents });
    return this.#takeAnswer();
  }

  /** Says that the walk is done, and waits for the ids of all chunks. */
  exchangeIds(tableCount: number, blockCount: number): Readonly<{ table: Uint8Array; blocks: Uint8Array }> {
    this.#post({ type: 'walked', tableCount, blockCount });
    while (this.#ids === undefined) {
      this.#port.wait();
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

  #takeAnswer(): Uint8Array | undefined {
    while (this.#answers.length === 0) {
      this.#port.wait();
    }
    return this.#answers.shift();
  }

  #post(message: ToMain, transfer: readonly Transferable[] = []): void {
    this.#port.post(message, transfer);
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
      case 'piece':
        this.#pieces[message.stream].push(message.bytes);
        break;
    }
  }
}
