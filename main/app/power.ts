import type { Clock } from '../platform/clock.ts';

const minuteMs = 60_000;
/** Systems now and then do not tell that they woke up, or do not fall asleep after all. Timers count only time awake. */
const longestRestMs = 5 * minuteMs;

type PowerParts = Readonly<{
  clock: Clock;
  /** Ends what can be done later, and begins no more of it. */
  rest: () => void;
  /** Everything looks at its clocks and places anew, and goes on. */
  wake: () => void;
  stop: () => Promise<void>;
}>;

/** What the machine is about to do. A host that hears of it tells it here; all of it may be told twice, or not at all. */
export class Power implements Disposable {
  readonly #parts: PowerParts;
  #timer: Disposable | undefined;

  constructor(parts: PowerParts) {
    this.#parts = parts;
  }

  /**
   * The machine falls asleep within moments. Copying and rehearsing give way, so that their locks and leases at storages are gone while it
   * sleeps; a backup or restore goes on when it wakes.
   */
  sleeping(): void {
    this.#parts.rest();
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#parts.clock.after(longestRestMs, () => this.wake());
  }

  /** The machine woke up: what was missed is caught up once. */
  wake(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#parts.wake();
  }

  /**
   * The session ends, or the machine is shut down: the same as stopping the application, with its limit of 20 s, the backup at the end
   * included. Hold the end up until it resolves, where the system lets you; what is killed meanwhile is put right at the next start.
   */
  async sessionEnding(): Promise<void> {
    await this.#parts.stop();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}
