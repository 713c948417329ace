import { CommanderError } from 'commander';
import { type ErrorKind, exitCodeOf } from '../../../shared/lib/app-error.ts';
import { appErrorOf, oneLine } from '../../app/app-error-of.ts';

/** What went wrong, as it is told: one plain sentence, its kind, and the exit code. */
export type Failure = Readonly<{ kind: ErrorKind; message: string; exitCode: number }>;

/** Whatever was thrown, in one sentence on one line. */
export function failureOf(error: unknown, commandPath = 'trinity-backup'): Failure {
  if (error instanceof CommanderError) return failed('usage', usageSentence(error, commandPath));
  const { kind, message } = appErrorOf(error);
  return failed(kind, oneLine(message));
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
