import type { Clock } from '../../main/platform/clock.ts';

type Timer = Readonly<{ atAwakeMs: number; run: () => void }>;

/** A clock that a test turns. Timers count the time awake alone, as the system's do. */
export class FakeClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  #awakeMs = 0;
  readonly #timers = new Set<Timer>();
  /** How many timers have fired. */
  fired = 0;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  readonly now = (): number => this.#nowMs;

  readonly elapsed = (): number => this.#elapsedMs;

  readonly after = (ms: number, run: () => void): Disposable => {
    const timer = { atAwakeMs: this.#awakeMs + Math.max(0, ms), run };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  };

  /** How many are waiting. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Time awake until the next timer; infinite where there is none. */
  get untilNextMs(): number {
    return Math.min(...[...this.#timers].map(({ atAwakeMs }) => atAwakeMs)) - this.#awakeMs;
  }

  /** Time passes: timers that are due fire in their order, and what they begin goes as far as it can without time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#awakeMs + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted((left, right) => left.atAwakeMs - right.atAwakeMs);
      if (next === undefined || next.atAwakeMs > untilMs) break;
      this.#pass(next.atAwakeMs - this.#awakeMs);
      this.#timers.delete(next);
      this.fired += 1;
      next.run();
      await settled();
    }
    this.#pass(untilMs - this.#awakeMs);
    await settled();
  }

  /** The machine sleeps: clocks go on, timers do not. */
  sleep(ms: number): void {
    this.#nowMs += ms;
    this.#elapsedMs += ms;
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #pass(ms: number): void {
    this.#awakeMs += ms;
    this.sleep(ms);
  }
}

/** Everything that waits for nothing but promises is done. */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve));
}
