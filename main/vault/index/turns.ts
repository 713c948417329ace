/** Lets asynchronous steps run one after the other, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async take<Result>(step: () => Promise<Result>): Promise<Result> {
    const mine = this.#after(this.#last, step);
    this.#last = mine;
    return await mine;
  }

  async #after<Result>(before: Promise<unknown>, step: () => Promise<Result>): Promise<Result> {
    try {
      await before;
    } catch {
      // Told to whoever took that turn.
    }
    return await step();
  }
}
