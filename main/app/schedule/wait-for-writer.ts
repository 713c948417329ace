import { addAbortListener } from 'node:events';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';

const minuteMs = 60_000;
/** How long a scheduled run waits for a writer on another machine. */
const longestMs = 30 * minuteMs;

/**
 * Waits while another machine writes to the vault, in nobody's way here. Resolves with why nothing can be written yet, undefined as soon as
 * nobody is known to write. What else stands in the way is for the backup itself to find.
 */
export async function waitForWriter(
  engine: Pick<Engine, 'vault'>,
  { now, after }: Pick<Clock, 'now' | 'after'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const beganMs = now();
  for (;;) {
    const problem = await writerProblem(engine, signal);
    if (problem === undefined || signal.aborted) return problem;
    // Both ways: the clock may be set back meanwhile.
    if (Math.abs(now() - beganMs) >= longestMs) return problem;
    await minute(after, signal);
  }
}

async function writerProblem(
  engine: Pick<Engine, 'vault'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await (await engine.vault()).writerElsewhere(signal))?.message;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function minute(after: Clock['after'], signal: AbortSignal): Promise<void> {
  const passed = Promise.withResolvers<void>();
  using parts = new DisposableStack();
  parts.use(after(minuteMs, passed.resolve));
  parts.use(addAbortListener(signal, () => passed.resolve()));
  await passed.promise;
}
