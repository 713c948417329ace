import { createRequire } from 'node:module';
import path from 'node:path';
import type { Logger as Pino } from 'pino';
import { AppError } from '../../../shared/lib/app-error.ts';
import { Redactor } from './redactor.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Lines of JSON of one part of the program: `time`, `level`, `part`, `msg` and the fields. */
export type Logger = Readonly<{
  debug: (fields: LogFields, message: string) => void;
  info: (fields: LogFields, message: string) => void;
  warn: (fields: LogFields, message: string) => void;
  error: (fields: LogFields, message: string) => void;
}>;

const maxBytes = 2_000_000;
const files = 5;

export function logFileOf(logFolder: string): string {
  return path.join(logFolder, 'engine.log');
}

/** The log of a home, at most 10 MB in five files, without secrets. Nothing is opened before the first line. */
export class HomeLog implements Disposable {
  readonly redactor = new Redactor();
  readonly #file: RotatingFile;
  readonly #now: () => number;
  #pino: Pino | undefined;

  constructor(logFolder: string, options: Readonly<{ now?: () => number; maxBytes?: number }> = {}) {
    this.#file = new RotatingFile({
      file: logFileOf(logFolder),
      maxBytes: options.maxBytes ?? maxBytes,
      files,
    });
    this.#now = options.now ?? Date.now;
  }

  /** The logger of a part: `engine`, `scheduler`, `notices`. */
  of(part: string): Logger {
    const at =
      (level: 'debug' | 'info' | 'warn' | 'error') =>
      (fields: LogFields, message: string): void =>
        this.#lines()[level]({ part, ...fields }, message);
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #lines(): Pino {
    this.#pino ??= loadPino()(
      {
        level: 'info',
        base: null,
        timestamp: () => `,"time":${this.#now()}`,
        formatters: { level: (level) => ({ level }) },
      },
      { write: (line) => this.#file.write(this.redactor.redact(line)) },
    );
    return this.#pino;
  }
}

/** When the first line is written: most commands write none, and need not wait for it. */
function loadPino(): typeof import('pino').pino {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino'); // of this very name
  return pino;
}

/** An error as fields: what was told, and for one that nobody foresaw where it came from. */
export function errorFields(error: unknown): LogFields {
  if (error instanceof AppError) return { kind: error.kind, error: error.message };
  if (error instanceof Error) return { kind: 'unexpected', error: error.message, stack: error.stack };
  return { kind: 'unexpected', error: String(error) };
}
