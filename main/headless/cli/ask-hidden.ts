import { AppError } from '../../../shared/lib/app-error.ts';

const keys = { enter: ['\r', '\n'], backspace: ['\u007F', '\b'], cancel: '\u0003', end: '\u0004' } as const;

/** Asks for a line at the terminal without showing what is typed. `cancelled` by Ctrl-C, Ctrl-D or the signal. */
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

async function typedLine(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  const cancelled = new AppError('cancelled', 'The command was cancelled.');
  return await new Promise<string>((resolve, reject) => {
    let typed: string[] = [];
    const settle = (done: () => void): void => {
      stdin.off('data', take);
      signal.removeEventListener('abort', abort);
      done();
    };
    const abort = (): void => settle(() => reject(cancelled));
    const take = (data: Buffer): void => {
      for (const key of data.toString('utf8')) {
        if (keys.enter.some((enter) => enter === key)) return settle(() => resolve(typed.join('')));
        if (key === keys.cancel || key === keys.end) return abort();
        typed = keys.backspace.some((back) => back === key) ? typed.slice(0, -1) : [...typed, key];
      }
    };
    stdin.on('data', take);
    signal.addEventListener('abort', abort, { once: true });
    stdin.resume();
  });
}
