/** Where a run was at a time, in ms of a clock that never jumps. */
export type Sample = Readonly<{ atMs: number; done: number; phase: string }>;

const windowMs = 10_000;

/** The samples with one more: those of the last ten seconds and of the same phase. */
export function sampled(before: readonly Sample[], next: Sample): readonly Sample[] {
  const recent = before.filter(
    ({ atMs, done, phase }) => phase === next.phase && done <= next.done && next.atMs - atMs <= windowMs,
  );
  return [...recent, next];
}

/** Units a second over the window; undefined before there is anything to tell it from. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return undefined;
  return ((last.done - first.done) / (last.atMs - first.atMs)) * 1000;
}
