import { hasCode } from '../../../shared/lib/app-error.ts';

/** How the output of a command looks, as its global options say. */
export type OutputOptions = Readonly<{ json: boolean; quiet: boolean; color: boolean }>;

/** Where a command writes: results to stdout, all else to stderr. */
export class Terminal {
  readonly options: OutputOptions;
  #heldBack: (() => string) | undefined;

  constructor(options: OutputOptions) {
    this.options = options;
  }

  /** Progress and questions make sense: a person looks at stderr. */
  get isWatched(): boolean {
    return process.stderr.isTTY && !this.options.quiet && !this.options.json;
  }

  get columns(): number {
    return process.stderr.columns ?? 80;
  }

  /**
   * The result of the command: one JSON document with `--json`, else text; with `--quiet` only what is told once and
   * never again.
   */
  print(json: unknown, text: () => string, onlyOnce = ''): void {
    if (this.options.quiet && !this.options.json) this.#heldBack = text;
    const shown = this.options.json
      ? JSON.stringify(json, undefined, 2)
      : this.options.quiet
        ? onlyOnce
        : text();
    if (shown !== '') process.stdout.write(`${shown}\n`);
  }

  /** What `--quiet` kept to itself goes to stderr: not all is well, and who gets mail of cron has to read why. */
  printHeldBack(): void {
    if (this.#heldBack !== undefined) process.stderr.write(`${this.#heldBack()}\n`);
  }

  /** Something to know beside the result. */
  say(text: string): void {
    if (!this.options.quiet && !this.options.json) process.stderr.write(`${text}\n`);
  }

  bold(text: string): string {
    return this.#styled('1', text);
  }

  dim(text: string): string {
    return this.#styled('2', text);
  }

  #styled(code: string, text: string): string {
    const isColored = this.options.color && process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
    return isColored ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}

/** A reader that has seen enough (`| head`) is no failure; any other trouble with stdout is. The command goes on to its end. */
export function watchOutput(): void {
  let isTold = false;
  process.stdout.on('error', (error) => {
    if (isTold || hasCode(error, 'EPIPE')) return;
    isTold = true;
    process.stderr.write(`The result could not be written: ${error.message}\n`);
    process.exitCode = 1;
  });
}

/** Everything written to stdout is with its reader. */
export async function flushOutput(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => resolve());
  });
}
