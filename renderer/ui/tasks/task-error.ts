import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { AppError } from '../../../shared/lib/app-error.ts';

/** Why long work failed, as any other call would have said it. */
export function taskError(error: CallOutput<'tasks.get'>['error']): AppError {
  const { kind = 'failed', message = 'It ended without saying why.', details = {} } = error ?? {};
  return new AppError(kind, message, { details });
}
