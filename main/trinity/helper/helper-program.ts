import { readFileSync } from 'node:fs';

/** Set by the build (build/bundle.ts); in sources the name does not exist. */
declare const TRINITY_HELPER_PROGRAM: string | undefined;
declare const TRINITY_SQLITE_HELPER_PROGRAM: string | undefined;
declare const TRINITY_OPERATOR_QUEUE_PROGRAM: string | undefined;

/** What a helper runs: the text of volume-helper.py, which says what it does. */
export function helperProgram(): string {
  return typeof TRINITY_HELPER_PROGRAM === 'string'
    ? TRINITY_HELPER_PROGRAM
    : readFileSync(new URL('volume-helper.py', import.meta.url), 'utf8');
}

/** `-I`: neither the image's environment nor a file beside it changes what is run. */
export function helperCommand(
  command: 'idle' | 'list' | 'send',
  ...rest: readonly string[]
): readonly string[] {
  return ['python3', '-I', '-c', helperProgram(), command, ...rest];
}

/** The same for sqlite-helper.py. */
export function sqliteHelperCommand(...rest: readonly string[]): readonly string[] {
  const program =
    typeof TRINITY_SQLITE_HELPER_PROGRAM === 'string'
      ? TRINITY_SQLITE_HELPER_PROGRAM
      : readFileSync(new URL('sqlite-helper.py', import.meta.url), 'utf8');
  return ['python3', '-I', '-c', program, ...rest];
}

/** The same for operator-queue.py, which runs in the container of Trinity's backend. */
export function operatorQueueCommand(): readonly string[] {
  const program =
    typeof TRINITY_OPERATOR_QUEUE_PROGRAM === 'string'
      ? TRINITY_OPERATOR_QUEUE_PROGRAM
      : readFileSync(new URL('operator-queue.py', import.meta.url), 'utf8');
  return ['python3', '-I', '-c', program];
}
