import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

export type RotatingFileOptions = Readonly<{
  file: string;
  maxBytes: number;
  /** How many there are at most, with the one that is written: `x.log`, `x.1.log` and so on. */
  files: number;
}>;

/**
 * A log of bounded size, for its owner alone. Writing is immediate, so that the last words of a process are there; it never throws:
 * a log that cannot be written (full disk) fails nothing.
 */
export class RotatingFile implements Disposable {
  readonly #options: RotatingFileOptions;
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  write(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.maxBytes) this.#rotate();
      this.#descriptor ??= this.#open();
      this.#bytes += writeSync(this.#descriptor, bytes);
    } catch {
      // Opened anew with the next line, when there may be room again.
      this.#close();
    }
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #open(): number {
    const { file } = this.#options;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, 'a', 0o600);
    const { size, mode } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0) chmodSync(file, 0o600);
    this.#bytes = size;
    return descriptor;
  }

  #rotate(): void {
    this.#close();
    const { files } = this.#options;
    rmSync(rotatedName(this.#options.file, files - 1), { force: true });
    for (let number = files - 2; number >= 0; number -= 1) {
      const from = rotatedName(this.#options.file, number);
      renameWhereThere(from, rotatedName(this.#options.file, number + 1));
    }
    this.#bytes = 0;
  }

  #close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** `engine.log`, then `engine.1.log`: the higher, the older. */
export function rotatedName(file: string, number: number): string {
  const { dir, name, ext } = path.parse(file);
  return number === 0 ? file : path.join(dir, `${name}.${number}${ext}`);
}

function renameWhereThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
