import { readFileSync } from 'node:fs';

/** The Python files of this folder; set by the build (build/bundle.ts), in sources the name does not exist. */
declare const TRINITY_HELPER_TEXTS: Readonly<Record<string, string>> | undefined;

const reader = ['volume-helper.py', 'run-helper.py'] as const;
/** Each goes on after the one before it. */
const writer = [
  'volume-helper.py',
  'tree-writer.py',
  'tree-swap.py',
  'sqlite-change.py',
  'tree-owners.py',
  'run-helper.py',
] as const;

/** What a helper runs to read: volume-helper.py says what that does. */
export function helperCommand(
  command: 'idle' | 'list' | 'send' | 'file',
  ...rest: readonly string[]
): readonly string[] {
  return python(textOf(reader), command, ...rest);
}

/** What one runs to write: tree-writer.py and the files after it say what that does. */
export function writerCommand(
  command: 'write' | 'prepare' | 'swap' | 'undo' | 'clear' | 'empty' | 'change' | 'owners',
  ...rest: readonly string[]
): readonly string[] {
  return python(textOf(writer), command, ...rest);
}

/** The same for sqlite-helper.py. */
export function sqliteHelperCommand(...rest: readonly string[]): readonly string[] {
  return python(textOf(['sqlite-helper.py']), ...rest);
}

/** Neither the image's environment, nor a file beside it, nor packages of its own (`-S`) change what is run. */
function python(program: string, ...rest: readonly string[]): readonly string[] {
  return ['python3', '-I', '-S', '-c', program, ...rest];
}

/** The same for operator-queue.py, which runs in the container of Trinity's backend. */
export function operatorQueueCommand(): readonly string[] {
  return python(textOf(['operator-queue.py']));
}

function textOf(names: readonly string[]): string {
  return names
    .map((name) =>
      typeof TRINITY_HELPER_TEXTS === 'object'
        ? (TRINITY_HELPER_TEXTS[name] ?? '')
        : readFileSync(new URL(name, import.meta.url), 'utf8'),
    )
    .join('\n\n');
}
