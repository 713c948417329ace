import { AppError } from '../../../shared/lib/app-error.ts';

/** The error of a run that its signal ended: the signal's own, where that is one of ours. */
export function cancelled(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError
    ? reason
    : new AppError('cancelled', 'The backup was cancelled.', { cause: reason });
}
