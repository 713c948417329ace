import type { Readable } from 'node:stream';
import { AppError } from '../../../shared/lib/app-error.ts';

const keys = { enter: ['\r', '\n'], backspace: ['\u007F', '\b'], cancel: '\u0003', end: '\u0004' } as const;

/** Asks for a line at the terminal without showing what is typed. `cancelled` by Ctrl-C, Ctrl-D, the signal or a terminal that goes away. */
export async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  // Before the question: what is typed at once must not show either.
  stdin.setRawMode(true);
  stderr.write(question);
  try {
    return await typedLine(stdin, signal);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** What is typed until Enter, by a terminal that shows nothing of it. */
export async function typedLine(stdin: Readable, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed: string[] = [];
  const cancel = (): void => reject(new AppError('cancelled', 'The command was cancelled.'));
  const take = (data: Buffer): void => {
    for (const key of data.toString('utf8')) {
      if (keys.enter.some((enter) => enter === key)) return resolve(typed.join(''));
      if (key === keys.cancel || key === keys.end) return cancel();
      typed = keys.backspace.some((back) => back === key) ? typed.slice(0, -1) : [...typed, key];
    }
  };
  // A terminal that goes away ends, or fails (EIO).
  const endings = ['end', 'error', 'close'] as const;
  stdin.on('data', take);
  for (const ending of endings) stdin.on(ending, cancel);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted || stdin.destroyed) cancel();
  stdin.resume();
  try {
    return await promise;
  } finally {
    stdin.off('data', take);
    for (const ending of endings) stdin.off(ending, cancel);
    signal.removeEventListener('abort', cancel);
  }
}
