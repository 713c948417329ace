import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { cancelled, stalled } from '../../bounded-call.ts';
import type { StorageHook, StorageOperation } from '../../storage-hook.ts';
import type { StorageOptions } from '../../storage.ts';
import { s3Problem } from './s3-error.ts';

export type S3CallsOptions = Readonly<{
  place: string;
  /** Without a sign of progress for this long an attempt is given up; 60 s. */
  stallLimitMs?: number | undefined;
  /** The pause before the second attempt, doubled before each further one up to 20 s; 500 ms. */
  firstPauseMs?: number | undefined;
  /** How often a step is tried at most; 8, which takes about half a minute. */
  attempts?: number | undefined;
  hook?: StorageHook | undefined;
}>;

export type Call = Readonly<{
  operation: StorageOperation;
  /** The object, or the prefix of a list. */
  name: string;
  options?: StorageOptions | undefined;
}>;

/** One try of a call: it stops at the signal, and says whenever bytes have moved. */
export type Attempt = Readonly<{ signal: AbortSignal; progress: () => void }>;

const usualAttempts = 8;
/** Each takes the whole limit. */
const mostStalls = 2;
const longestPauseMs = 20_000;

/** Runs calls to a storage service: each is bounded in time, tried again while that may help, and ended by its signal at once. */
export class S3Calls {
  readonly place: string;
  readonly #stallLimitMs: number;
  readonly #firstPauseMs: number;
  readonly #attempts: number;
  readonly #hook: StorageHook | undefined;

  constructor(options: S3CallsOptions) {
    const { place, stallLimitMs = 60_000, firstPauseMs = 500, attempts = usualAttempts, hook } = options;
    this.place = place;
    this.#stallLimitMs = stallLimitMs;
    this.#firstPauseMs = firstPauseMs;
    this.#attempts = attempts;
    this.#hook = hook;
  }

  /** Runs a whole call, each step of which is tried again (`again`). */
  async run<Result>(call: Call, steps: () => Promise<Result>): Promise<Result> {
    const { operation, name } = call;
    await this.#hooked({ operation, name, moment: 'before' }, call);
    const result = await steps();
    await this.#hooked({ operation, name, moment: 'after' }, call);
    return result;
  }

  /** One step, tried until it goes well or trying again does not help. */
  async again<Result>(call: Call, attempt: (attempt: Attempt) => Promise<Result>): Promise<Result> {
    const signal = call.options?.signal;
    let stalls = 0;
    for (let number = 1; ; number += 1) {
      try {
        return await this.#once(signal, attempt);
      } catch (thrown) {
        if (signal?.aborted === true) throw cancelled(signal);
        const what = call.name === '' ? 'the bucket' : call.name;
        const { error, isPassing, waitMs = 0 } = s3Problem(thrown, { place: this.place, what });
        if (thrown instanceof AppError && thrown.details['stalled'] === true) stalls += 1;
        if (!isPassing || number >= this.#attempts || stalls >= mostStalls) throw error;
        await this.#pause(Math.max(waitMs, this.#pauseMs(number)), signal);
      }
    }
  }

  async #once<Result>(
    signal: AbortSignal | undefined,
    run: (attempt: Attempt) => Promise<Result>,
  ): Promise<Result> {
    if (signal?.aborted === true) throw cancelled(signal);
    const end = new AbortController();
    const ended = Promise.withResolvers<never>();
    end.signal.addEventListener('abort', () => ended.reject(end.signal.reason), { once: true });
    const timer = setTimeout(
      () => end.abort(stalled({ place: this.place, limitMs: this.#stallLimitMs })),
      this.#stallLimitMs,
    );
    const onAbort = (): void => end.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const progress = (): void => void timer.refresh();
      return await Promise.race([run({ signal: end.signal, progress }), ended.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      // Whatever the attempt has left open ends with it.
      end.abort();
    }
  }

  /** Uneven, so that those who were refused together do not come back together. */
  #pauseMs(number: number): number {
    const ms = Math.min(this.#firstPauseMs * 2 ** (number - 1), longestPauseMs);
    return ms * (0.5 + Math.random() / 2);
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal === undefined ? error : cancelled(signal);
    }
  }

  async #hooked(seen: Parameters<StorageHook>[0], call: Call): Promise<void> {
    const hook = this.#hook;
    if (hook !== undefined) await this.#once(call.options?.signal, async () => await hook(seen));
  }
}
