import type { Comparison } from '../backup/browse/comparison.ts';
import { type Clock, systemClock } from '../platform/clock.ts';

/** Whoever scrolls asks again within moments; what nobody looks at any more is not kept in memory. */
const keptMs = 120_000;

/** The comparison that was asked for last: its pages are cut from it. Backups never change, so it stays true. */
export class KeptComparison {
  readonly #clock: Clock;
  #kept: Readonly<{ key: string; comparison: Comparison }> | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async get(key: string, make: () => Promise<Comparison>): Promise<Comparison> {
    const comparison = this.#kept?.key === key ? this.#kept.comparison : await make();
    this.#kept = { key, comparison };
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.after(keptMs, () => (this.#kept = undefined));
    return comparison;
  }
}
