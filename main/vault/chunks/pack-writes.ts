import { addAbortListener } from 'node:events';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { packName } from './pack-footer.ts';
import type { SealedPack } from './seal-pool.ts';

/** A run stops before less than this would be free on the storage: the larger of the two. */
export type FreeSpaceRule = Readonly<{ shareOfTotal: number; bytes: number }>;

export const usualFreeSpace: FreeSpaceRule = { shareOfTotal: 0.05, bytes: 2_000_000_000 };

/** What a finished pack is, once it is durable. */
export type WrittenPack = Readonly<{ id: string; size: number; record: SealedPack['pack']['record'] }>;

type Settings = Readonly<{
  storage: Storage;
  freeSpace: FreeSpaceRule;
  signal: AbortSignal;
  onWritten: (pack: WrittenPack) => void;
}>;

const usualWrites = 3;
/** Steps that make packs: two for each of two threads, so that none is idle between them. */
const mostMaking = 4;

/** Writes packs to the storage, a few at once. The first failure is the end: every later call throws it. */
export class PackWrites {
  readonly #settings: Settings;
  readonly #waiting: SealedPack[] = [];
  readonly #ending = new AbortController();
  /** A signal that outlives the run would keep all of it in memory. */
  readonly #listening: Disposable;
  /** Aborts when writing has failed or ended. */
  readonly signal: AbortSignal;
  #running = 0;
  #making = 0;
  #failure: unknown;
  #hasFailed = false;
  #waiters: (() => void)[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
    this.signal = AbortSignal.any([settings.signal, this.#ending.signal]);
    this.#listening = addAbortListener(settings.signal, () => this.fail(settings.signal.reason));
  }

  add(pack: SealedPack): void {
    this.#waiting.push(pack);
    this.#start();
  }

  /** Runs a step that makes packs when there is room for them: they must not be made faster than they are written. */
  async whenThereIsRoom<Result>(step: () => Promise<Result>): Promise<Result> {
    this.throwIfFailed();
    // Looked at and taken in one go: of many that wait at once only as many go on as there is room for.
    while (this.#running + this.#waiting.length >= this.#mostWrites || this.#making >= mostMaking) {
      await this.#change();
    }
    this.#making += 1;
    try {
      return await step();
    } finally {
      this.#making -= 1;
      this.#wake();
    }
  }

  /** Resolves when every pack given so far is durable. */
  async drain(): Promise<void> {
    this.throwIfFailed();
    while (this.#running + this.#waiting.length > 0) {
      await this.#change();
    }
  }

  /** Ends all writing with this error, also what is at work; the first counts. */
  fail(error: unknown): void {
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.#failure = error;
      this.#waiting.length = 0;
      this.#ending.abort(error);
    }
    this.#wake();
  }

  /** Ends all writing; nothing touches the storage any more when it resolves. */
  async close(): Promise<void> {
    this.#listening[Symbol.dispose]();
    this.fail(new AppError('failed', 'The vault was closed while chunks were being stored.'));
    while (this.#running > 0) {
      // One wake-up at a time.
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  throwIfFailed(): void {
    if (this.#hasFailed) {
      throw this.#failure;
    }
  }

  /** Waits until something has changed; throws when that is a failure. */
  async #change(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
    this.throwIfFailed();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) {
      wake();
    }
  }

  get #mostWrites(): number {
    return this.#settings.storage.writesAtOnce ?? usualWrites;
  }

  #start(): void {
    while (this.#running < this.#mostWrites && !this.#hasFailed) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        return;
      }
      this.#running += 1;
      void this.#write(next);
    }
  }

  async #write(sealed: SealedPack): Promise<void> {
    const { storage, onWritten } = this.#settings;
    const { id, body, bodyLength, tail, record } = sealed.pack;
    const size = bodyLength + tail.length;
    try {
      await this.#checkSpace(size);
      await storage.put(packName(id), [new Uint8Array(body, 0, bodyLength), tail], { signal: this.signal });
      onWritten({ id, size, record });
      // Not after a failure: an abandoned write may still read the body.
      sealed.giveBack();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#running -= 1;
      this.#start();
      this.#wake();
    }
  }

  async #checkSpace(size: number): Promise<void> {
    const { storage, freeSpace } = this.#settings;
    const space = await storage.space({ signal: this.signal });
    if (space === undefined) {
      return;
    }
    const wanted = Math.max(space.totalBytes * freeSpace.shareOfTotal, freeSpace.bytes);
    if (space.freeBytes - size < wanted) {
      const missing = Math.ceil((wanted + size - space.freeBytes) / 1_000_000);
      throw new AppError(
        'failed',
        `The vault at ${storage.location} is nearly full: free ${missing} MB or more there, then run it again.`,
        { details: { full: true } },
      );
    }
  }
}
