import { AppError } from '../../shared/lib/app-error.ts';

export type CallBounds = Readonly<{
  /** Longest time without an end, in ms; then the call is given up. */
  limitMs: number;
  signal: AbortSignal | undefined;
  place: string;
}>;

/**
 * Runs one call to a place that may hang for ever (a dead network share). It rejects as `unavailable` at the limit and as `cancelled`
 * by the signal; what the abandoned call still does or brings is ignored. It is told by its own signal, to change nothing more.
 */
export async function boundedCall<Result>(
  bounds: CallBounds,
  run: (abandoned: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { signal, limitMs } = bounds;
  if (signal?.aborted === true) throw cancelled(signal);
  const abandon = new AbortController();
  let giveUp: (error: unknown) => void = () => undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const timer = setTimeout(() => giveUp(stalled(bounds)), limitMs);
  const onAbort = (): void => giveUp(signal === undefined ? undefined : cancelled(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([run(abandon.signal), givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    abandon.abort();
  }
}

function cancelled(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError
    ? reason
    : new AppError('cancelled', 'The work was cancelled.', { cause: reason });
}

function stalled({ place, limitMs }: CallBounds): AppError {
  const seconds = Math.round(limitMs / 1000);
  const message = `The place ${place} has not answered for ${String(seconds)} seconds. Check its disk or network and try again.`;
  return new AppError('unavailable', message, { details: { stalled: true } });
}
