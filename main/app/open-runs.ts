/** Runs that go on beside the one that writes, and that somebody waits for: what they have begun is lost with the application. */
export class OpenRuns {
  readonly #holdAwake: () => Disposable;
  readonly #open = new Set<Promise<unknown>>();

  /** `holdAwake` keeps the machine from falling asleep by itself until it is disposed: for as long as a run is on. */
  constructor(holdAwake: () => Disposable) {
    this.#holdAwake = holdAwake;
  }

  get isAny(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when none is on. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }

  async run<Result>(run: () => Promise<Result>): Promise<Result> {
    using parts = new DisposableStack();
    parts.use(this.#holdAwake());
    const running = run();
    this.#open.add(running);
    parts.defer(() => void this.#open.delete(running));
    return await running;
  }
}
