import { CommanderError } from 'commander';
import { AppError, type ErrorKind, exitCodeOf, hasCode, messageOf } from '../../../shared/lib/app-error.ts';

/** What went wrong, as it is told: one plain sentence, its kind, and the exit code. */
export type Failure = Readonly<{ kind: ErrorKind; message: string; exitCode: number }>;

/** Whatever was thrown, in one sentence on one line. */
export function failureOf(error: unknown, commandPath = 'trinity-backup'): Failure {
  if (error instanceof CommanderError) return failed('usage', usageSentence(error, commandPath));
  if (error instanceof AppError) return failed(error.kind, oneLine(error.message));
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return failed(
      'failed',
      'A disk is full: make room on the disks of the vault and of the home folder, then try again.',
    );
  }
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return failed('failed', deniedSentence(error));
  return failed('failed', `Something unexpected happened: ${oneLine(messageOf(error))}`);
}

/** Node's `EACCES: permission denied, open '/path'` as a sentence. */
function deniedSentence(error: unknown): string {
  const file = typeof error === 'object' && error !== null && 'path' in error ? error.path : undefined;
  const place = typeof file === 'string' ? oneLine(file) : 'A file that is needed';
  return `${place} may not be read or written by this user: run this as its owner or as root, or choose another folder.`;
}

function failed(kind: ErrorKind, message: string): Failure {
  return { kind, message, exitCode: exitCodeOf(kind) };
}

/** Commander's `error: unknown option '--x'\n(Did you mean --y?)` as a sentence. */
function usageSentence(error: CommanderError, commandPath: string): string {
  if (error.code === 'commander.help') return `Name what to do: see ${commandPath} --help.`;
  const text = oneLine(error.message.replace(/^error: /, '')).replace(/\.$/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}: see ${commandPath} --help.`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
