import { setTimeout as delay } from 'node:timers/promises';

/** Bytes a second for each direction; undefined: as fast as it goes. */
export type TransferRates = Readonly<{
  uploadBytesPerSecond?: number | undefined;
  downloadBytesPerSecond?: number | undefined;
  /** Objects on their way at once. */
  parallel: number;
}>;

/** What is not larger goes at once. */
export const smallBytes = 256 * 1024;

export const usualRates: TransferRates = { parallel: 4 };

type Waiting = Readonly<{ resolve: () => void }>;

/**
 * How fast and how many objects at once go over the line, for all storages of a process together. Rates may change at any time
 * and hold from then on. Small objects (locks, manifests) never wait: a heartbeat must get through beside an upload.
 */
export class TransferLimits {
  readonly #clock: Readonly<{ now: () => number; sleep: (ms: number, signal: AbortSignal) => Promise<void> }>;
  #rates: TransferRates;
  #freeAtMs = { upload: 0, download: 0 };
  #running = 0;
  /** Aborts when other rates hold: whoever waits by the old ones goes on. */
  #changed = new AbortController();
  readonly #waiting: Waiting[] = [];

  constructor(
    rates: TransferRates = usualRates,
    clock = { now: () => performance.now(), sleep: sleepUntilAborted },
  ) {
    this.#rates = rates;
    this.#clock = clock;
  }

  get rates(): TransferRates {
    return this.#rates;
  }

  set(rates: TransferRates): void {
    this.#rates = rates;
    this.#freeAtMs = { upload: 0, download: 0 };
    this.#changed.abort();
    this.#changed = new AbortController();
    this.#startWaiting();
  }

  /** Waits until these bytes may go. */
  async pass(direction: 'upload' | 'download', bytes: number, signal: AbortSignal): Promise<void> {
    const rate =
      direction === 'upload' ? this.#rates.uploadBytesPerSecond : this.#rates.downloadBytesPerSecond;
    if (rate === undefined) return;
    const nowMs = this.#clock.now();
    const startMs = Math.max(nowMs, this.#freeAtMs[direction]);
    this.#freeAtMs[direction] = startMs + (bytes * 1000) / rate;
    if (startMs <= nowMs) return;
    await this.#clock.sleep(startMs - nowMs, AbortSignal.any([signal, this.#changed.signal]));
  }

  /** Runs one large transfer when fewer than the allowed number run. */
  async inTurn<Result>(signal: AbortSignal | undefined, run: () => Promise<Result>): Promise<Result> {
    await this.#turn(signal);
    try {
      return await run();
    } finally {
      this.#running -= 1;
      this.#startWaiting();
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#running < this.#rates.parallel) {
      this.#running += 1;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const waiting: Waiting = { resolve: turn.resolve };
    const onAbort = (): void => {
      const at = this.#waiting.indexOf(waiting);
      // Not among them any more: its turn has come, and is given back by whoever runs.
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      turn.reject(signal?.reason);
    };
    this.#waiting.push(waiting);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await turn.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #startWaiting(): void {
    while (this.#running < this.#rates.parallel) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next.resolve();
    }
  }
}

/** Whoever is given up goes on at once: what comes next looks at the signal. */
async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Aborted.
  }
}
