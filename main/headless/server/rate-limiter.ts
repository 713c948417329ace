export type RateLimit = Readonly<{ most: number; withinMs: number }>;

type Window = { readonly startedMs: number; taken: number };

/** Counts in windows of fixed length, by name. */
export class RateLimiter {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds to wait when there is no more to take; undefined when it was taken. Names are few: routes. */
  take(name: string, { most, withinMs }: RateLimit): number | undefined {
    const now = this.#now();
    const known = this.#windows.get(name);
    const isCurrent = known !== undefined && now >= known.startedMs && now < known.startedMs + withinMs;
    const window = isCurrent ? known : { startedMs: now, taken: 0 };
    this.#windows.set(name, window);
    if (window.taken >= most) return Math.max(1, Math.ceil((window.startedMs + withinMs - now) / 1000));
    window.taken += 1;
    return undefined;
  }
}
