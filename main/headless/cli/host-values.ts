import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { AppError } from '../../../shared/lib/app-error.ts';
import { parseEnv, secretHostKeys } from '../../trinity/env-file.ts';
import { askHidden } from './ask-hidden.ts';
import type { CommandOptions } from './commands/act.ts';
import { contentOf } from './secrets.ts';

type HostValues = Readonly<Record<string, string>>;

/** Asks for one line; what is `hidden` does not show while it is typed. */
export type Ask = (question: string, hidden: boolean) => Promise<string>;

/** Values of `.env` from `--set` and `--env-file`, of which `--set` counts. What is secret is refused in the command itself. */
export async function givenHostValues({ set = [], envFile }: CommandOptions): Promise<HostValues> {
  const values: Record<string, string> = {};
  if (envFile !== undefined)
    for (const [key, value] of parseEnv(await contentOf(envFile, 'values'))) values[key] = value;
  for (const assignment of set) {
    const at = assignment.indexOf('=');
    if (at <= 0) throw new AppError('usage', '--set takes KEY=VALUE, such as FRONTEND_PORT=8080.');
    const key = assignment.slice(0, at);
    if (secretHostKeys.includes(key)) {
      const message = `${key} holds a password, which others could read in a command: write it into a file for --env-file.`;
      throw new AppError('usage', message);
    }
    values[key] = assignment.slice(at + 1);
  }
  return values;
}

/** Asks for each value that was not given yet; just Enter keeps the old one. */
export async function askHostValues(
  known: readonly Readonly<{ key: string; value: string | null }>[],
  given: HostValues,
  ask: Ask,
): Promise<HostValues> {
  const typed: Record<string, string> = {};
  for (const { key, value } of known) {
    if (given[key] !== undefined) continue;
    const answer = await ask(`${key} (Enter keeps ${value ?? 'it'}): `, value === null);
    if (answer !== '') typed[key] = answer;
  }
  return typed;
}

export function askerAt(signal: AbortSignal): Ask {
  return async (question, hidden) =>
    hidden ? await askHidden(question, signal) : await askLine(question, signal);
}

/** What is typed until Enter. `cancelled` by Ctrl-C, Ctrl-D, the signal or a terminal that goes away. */
export async function askLine(
  question: string,
  signal: AbortSignal,
  { input, output }: Readonly<{ input: Readable; output: Writable }> = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<string> {
  // The terminal itself edits the line, and Ctrl-C stays what it is.
  const lines = createInterface({ input, output, terminal: false });
  const gone = Promise.withResolvers<never>();
  const cancel = (): void => gone.reject(new AppError('cancelled', 'The command was cancelled.'));
  lines.once('close', cancel);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await Promise.race([gone.promise, lines.question(question)]);
  } finally {
    signal.removeEventListener('abort', cancel);
    lines.close();
  }
}
