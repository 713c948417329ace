import { setTimeout as delay } from 'node:timers/promises';
import { Worker, workerData, type WorkerOptions } from 'node:worker_threads';
import { loadLibc } from './libc-binding.ts';

const pollMs = 2;

/** What NativeThread gives its thread: `loaded` is 1 when the C library is. */
type Given = Readonly<{ loaded: Int32Array; data: unknown }>;

/**
 * A worker thread that calls the C library. It must not be ended while it loads that: koffi would throw into a thread that may run no
 * JavaScript any more, which aborts the whole process.
 */
export class NativeThread {
  readonly worker: Worker;
  readonly #loaded = new Int32Array(new SharedArrayBuffer(4));

  /** `data` is what `beginNativeThread` returns there. */
  constructor(entry: URL, options: Omit<WorkerOptions, 'workerData'>, data?: unknown) {
    const given: Given = { loaded: this.#loaded, data };
    this.worker = new Worker(entry, { ...options, workerData: given });
  }

  /** Resolves when the thread may be ended, or has ended; keeps the process alive until then. */
  async loaded(): Promise<void> {
    while (Atomics.load(this.#loaded, 0) === 0 && this.worker.threadId !== -1) await delay(pollMs);
  }

  /** Resolves when the thread has ended. */
  async end(): Promise<void> {
    await this.loaded();
    await this.worker.terminate();
  }
}

/** In such a thread, first of all. */
export function beginNativeThread(): unknown {
  // Nobody but NativeThread starts such threads.
  const { loaded, data } = workerData as Given;
  loadLibc();
  Atomics.store(loaded, 0, 1);
  return data;
}
