import { AppError } from '../../../shared/lib/app-error.ts';

/** What a vault that no key of this computer opens is called everywhere. */
export const lockedText = 'The vault is locked on this computer.';

/** What went wrong, for a page: the engine's own sentences on a locked vault and on what is not set up name commands. */
export function errorText(error: Error): string {
  if (!(error instanceof AppError)) return error.message;
  if (error.details['isLocked'] === true)
    return `${lockedText} Unlock it with the recovery key of the sheet, or with its passphrase.`;
  return error.details['isNotSetUp'] === true
    ? 'Trinity Backup is not set up on this computer yet.'
    : error.message;
}
