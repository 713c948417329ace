import { AppError } from '../../shared/lib/app-error.ts';

export type CallBounds = Readonly<{
  /** Longest time without an end, in ms; then the call is given up. */
  limitMs: number;
  signal: AbortSignal | undefined;
  place: string;
}>;

type Call = Readonly<{ place: string }>;

/** Calls that were given up at their limit and have not ended: each holds a thread of the few that do all file work. */
const hanging = new Set<Call>();
const mostStalled = 4;

/**
 * Runs one call to a place that may hang for ever (a dead network share). It rejects as `unavailable` at the limit and as `cancelled`
 * by the signal; what the abandoned call still does or brings is ignored. It is told by its own signal, to change nothing more.
 * While several calls to a place have stalled, further ones are refused at once: local files need the threads that are left.
 */
export async function boundedCall<Result>(
  bounds: CallBounds,
  run: (abandoned: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { signal, limitMs, place } = bounds;
  if (signal?.aborted === true) throw cancelled(signal);
  if (stalledAt(place) >= mostStalled) throw stalled(bounds);
  const abandon = new AbortController();
  const call: Call = { place };
  const giveUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    hanging.add(call);
    giveUp.reject(stalled(bounds));
  }, limitMs);
  const onAbort = (): void => {
    if (signal !== undefined) giveUp.reject(cancelled(signal));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const attempt = async (): Promise<Result> => {
    try {
      return await run(abandon.signal);
    } finally {
      hanging.delete(call);
    }
  };
  try {
    return await Promise.race([attempt(), giveUp.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    abandon.abort();
  }
}

function stalledAt(place: string): number {
  return Array.from(hanging).filter((call) => call.place === place).length;
}

/** What a call that its signal ended rejects with. */
export function cancelled(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError
    ? reason
    : new AppError('cancelled', 'The work was cancelled.', { cause: reason });
}

/** What a call that was given up at its limit rejects with. */
export function stalled({ place, limitMs }: Pick<CallBounds, 'limitMs' | 'place'>): AppError {
  const seconds = Math.round(limitMs / 1000);
  const message = `The place ${place} has not answered for ${String(seconds)} seconds. Check its disk or network and try again.`;
  return new AppError('unavailable', message, { details: { stalled: true, isPassing: true } });
}
