import { messageOf } from '../../../shared/lib/app-error.ts';
import type { Clock } from '../../platform/clock.ts';

const minuteMs = 60_000;
/** Before each try; from then on every hour. */
const waitsMs = [1, 1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs);
const longestMs = 60 * minuteMs;

export type RetryParts = Readonly<{
  clock: Clock;
  /** Something could not be put right yet. */
  isLeft: () => boolean;
  /** Something else changes vault or install just now. */
  isBusy: () => boolean;
  /** Tries once more. */
  recover: () => Promise<void>;
  /** Is told what went wrong where nobody asked. */
  onProblem: (message: string) => void;
}>;

/**
 * Tries again what could not be put right at the start, as at a login before Docker is up: agents that were stopped would stay down until
 * somebody looks. While nothing is left it does nothing and has no timer.
 */
export class RecoveryRetries implements AsyncDisposable {
  readonly #parts: RetryParts;
  #timer: Disposable | undefined;
  #tries = 0;
  #trying: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: RetryParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#sleep();
  }

  /** The machine woke up: what was missing may be there. */
  wake(): void {
    this.#trying ??= this.#try().finally(() => {
      this.#trying = undefined;
      this.#sleep();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#timer?.[Symbol.dispose]();
    await this.#trying;
  }

  #sleep(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isStopped || !this.#parts.isLeft()) return;
    this.#timer = this.#parts.clock.after(waitsMs[this.#tries] ?? longestMs, () => this.wake());
  }

  /** Never rejects. */
  async #try(): Promise<void> {
    const { isLeft, isBusy, recover, onProblem } = this.#parts;
    try {
      if (isLeft() && !isBusy()) {
        this.#tries += 1;
        await recover();
      }
    } catch (error) {
      onProblem(messageOf(error));
    }
  }
}
