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

const mostWrites = 2;

/** Writes packs to the storage, a few at once. The first failure is the end: every later call throws it. */
export class PackWrites {
  readonly #settings: Settings;
  readonly #waiting: SealedPack[] = [];
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #running = 0;
  #failure: unknown;
  #hasFailed = false;
  #waiters: (() => void)[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#signal = AbortSignal.any([settings.signal, this.#ending.signal]);
    settings.signal.addEventListener('abort', () => this.fail(settings.signal.reason), { once: true });
  }

  add(pack: SealedPack): void {
    this.#waiting.push(pack);
    this.#start();
  }

  /** Resolves when another pack may be begun: this holds back whoever makes packs faster than they are written. */
  async waitForRoom(): Promise<void> {
    await this.#until(() => this.#running + this.#waiting.length < mostWrites);
  }

  /** Resolves when every pack given so far is durable. */
  async drain(): Promise<void> {
    await this.#until(() => this.#running + this.#waiting.length === 0);
  }

  /** Ends all writing with this error; the first counts. */
  fail(error: unknown): void {
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.#failure = error;
      this.#waiting.length = 0;
    }
    this.#wake();
  }

  /** Ends all writing; nothing touches the storage any more when it resolves. */
  async close(): Promise<void> {
    this.fail(new AppError('failed', 'The vault was closed while chunks were being stored.'));
    this.#ending.abort(this.#failure);
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

  async #until(isReached: () => boolean): Promise<void> {
    this.throwIfFailed();
    while (!isReached()) {
      // Each waiter looks for itself: one that is woken may find that another was quicker.
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      this.throwIfFailed();
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) {
      wake();
    }
  }

  #start(): void {
    while (this.#running < mostWrites && !this.#hasFailed) {
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
      await storage.put(packName(id), [new Uint8Array(body, 0, bodyLength), tail], { signal: this.#signal });
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
    const space = await storage.space();
    if (space === undefined) {
      return;
    }
    const wanted = Math.max(space.totalBytes * freeSpace.shareOfTotal, freeSpace.bytes);
    if (space.freeBytes - size < wanted) {
      const missing = Math.ceil((wanted + size - space.freeBytes) / 1_000_000);
      throw new AppError(
        'failed',
        `The vault at ${storage.location} is nearly full: free ${missing} MB or more there, then run it again.`,
      );
    }
  }
}
