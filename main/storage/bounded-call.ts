import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/lib/app-error.ts';

export type CallBounds = Readonly<{
  /** Longest time without an end, in ms; then the call is given up. */
  limitMs: number;
  signal: AbortSignal | undefined;
  place: string;
}>;

type Call = { readonly place: string; readonly over: Promise<void>; isStalled: boolean };

/** Calls that nobody waits for any more and that have not ended: each holds a thread of the few that do all file work. */
const givenUp = new Set<Call>();
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
  const over = Promise.withResolvers<void>();
  const call: Call = { place, over: over.promise, isStalled: false };
  const giveUp = Promise.withResolvers<never>();
  const leave = (error: AppError): void => {
    givenUp.add(call);
    giveUp.reject(error);
  };
  const timer = setTimeout(() => {
    call.isStalled = true;
    leave(stalled(bounds));
  }, limitMs);
  const onAbort = (): void => {
    if (signal !== undefined) leave(cancelled(signal));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const attempt = async (): Promise<Result> => {
    try {
      return await run(abandon.signal);
    } finally {
      givenUp.delete(call);
      over.resolve();
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

/** Waits for the calls that were given up; false when some have not ended after `patienceMs`, and may never. */
export async function givenUpCallsEnd(patienceMs: number): Promise<boolean> {
  if (givenUp.size > 0) {
    const calls = Promise.all(Array.from(givenUp, ({ over }) => over));
    await Promise.race([calls, delay(patienceMs)]);
  }
  return givenUp.size === 0;
}

function stalledAt(place: string): number {
  return Array.from(givenUp).filter((call) => call.isStalled && call.place === place).length;
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
