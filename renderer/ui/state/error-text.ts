import { AppError } from '../../../shared/lib/app-error.ts';

/** What went wrong, for a page: the engine's own sentence on a locked vault names commands. */
export function errorText(error: Error): string {
  return error instanceof AppError && error.details['isLocked'] === true
    ? 'The vault is locked on this computer. Unlock it with the recovery key of the sheet, or with its passphrase.'
    : error.message;
}
