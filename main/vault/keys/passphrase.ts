import { AppError } from '../../../shared/lib/app-error.ts';

/** Whoever has a copy of the vault can guess at it: length counts, what it is made of is left to its owner. */
const leastLength = 8;

/** Refuses (`usage`) a new passphrase that is empty or too short; characters are counted, not bytes. */
export function assertNewPassphrase(passphrase: string): void {
  const length = Array.from(passphrase.normalize('NFC')).length;
  if (length >= leastLength) return;
  const state = length === 0 ? 'is empty' : 'is too short';
  throw new AppError(
    'usage',
    `The new passphrase ${state}: choose one of ${leastLength} characters at least, better a few words.`,
  );
}
