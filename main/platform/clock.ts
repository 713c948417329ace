import { uptime } from 'node:os';

/** Time as services see it; tests bring one that they turn by hand. */
export type Clock = Readonly<{
  /** Wall clock, ms since 1970. People, time servers and dead batteries move it, both ways. */
  now: () => number;
  /** Ms since some moment: counts while the machine sleeps, and no correction of the wall clock moves it. */
  elapsed: () => number;
  /**
   * Calls once after so many ms, at most `longestTimerMs`, unless it is disposed before. The time that the machine sleeps does not
   * count, and a timer alone keeps no process alive.
   */
  after: (ms: number, run: () => void) => Disposable;
}>;

/** What a system's timer can hold; a longer one would fire at once. */
export const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => uptime() * 1000,
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), longestTimerMs)).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
