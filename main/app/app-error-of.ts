import { AppError, hasCode, messageOf } from '../../shared/lib/app-error.ts';

/** Whatever was thrown, as an error with a sentence for people; the original is its cause. */
export function appErrorOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('failed', sentenceOf(error), { cause: error });
}

function sentenceOf(error: unknown): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return 'A disk is full: make room on the disks of the vault and of the home folder, then try again.';
  }
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return deniedSentence(error);
  return `Something unexpected happened: ${oneLine(messageOf(error))}`;
}

/** Node's `EACCES: permission denied, open '/path'` as a sentence. */
function deniedSentence(error: unknown): string {
  const file = typeof error === 'object' && error !== null && 'path' in error ? error.path : undefined;
  const place = typeof file === 'string' ? oneLine(file) : 'A file that is needed';
  return `${place} may not be read or written by this user: run this as its owner or as root, or choose another folder.`;
}

/** A message of several lines as one. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
