type Change = Readonly<{ state: 'written' | 'deleted'; atMs: number }>;

const keptMs = 15 * 60_000;

/** What this process has written and deleted lately: lists of some stores lag behind, and must not lose or bring back that. */
export class RecentChanges {
  readonly #changes = new Map<string, Change>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  note(name: string, state: Change['state']): void {
    // Anew at the end, so that the map stays in the order of time.
    this.#changes.delete(name);
    this.#changes.set(name, { state, atMs: this.#now() });
    this.#forgetOld();
  }

  isDeleted(name: string): boolean {
    return this.#changes.get(name)?.state === 'deleted';
  }

  /** Names below a prefix that were written and not deleted since. */
  written(prefix: string): Set<string> {
    this.#forgetOld();
    const names = [...this.#changes].filter(
      ([name, { state }]) => state === 'written' && name.startsWith(prefix),
    );
    return new Set(names.map(([name]) => name));
  }

  #forgetOld(): void {
    const oldestMs = this.#now() - keptMs;
    for (const [name, { atMs }] of this.#changes) {
      if (atMs >= oldestMs) return;
      this.#changes.delete(name);
    }
  }
}
