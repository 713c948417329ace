import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';

const bufferBytes = 1024 * 1024;
/** The text of a function or view; more is no dump. */
const maxTextBytes = 64 * 1024 * 1024;

/** Reads a file of `pg_dump -Fc` from its beginning to its end. Whatever does not hold together is `damaged`. */
export class ArchiveBytes implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #intBytes = 4;

  private constructor(handle: FileHandle, signal: AbortSignal) {
    this.#handle = handle;
    this.#signal = signal;
  }

  static async open(file: string, signal: AbortSignal): Promise<ArchiveBytes> {
    return new ArchiveBytes(await open(file, 'r'), signal);
  }

  /** How many bytes a whole number has, as the header says. */
  set intBytes(bytes: number) {
    if (bytes < 4 || bytes > 8) throw brokenArchive('its header makes no sense');
    this.#intBytes = bytes;
  }

  async isAtEnd(): Promise<boolean> {
    return this.#left === 0 && !(await this.#fill());
  }

  async bytes(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    await this.stream(count, (part) => parts.push(Buffer.from(part)));
    return Buffer.concat(parts);
  }

  async byte(): Promise<number> {
    if (this.#left === 0) await this.#require();
    const value = this.#buffer[this.#at] ?? 0;
    this.#at += 1;
    return value;
  }

  /** A sign, then the lowest byte first. */
  async int(): Promise<number> {
    while (this.#left <= this.#intBytes) await this.#require();
    const isNegative = (this.#buffer[this.#at] ?? 0) !== 0;
    let value = 0;
    for (let index = this.#intBytes; index > 0; index -= 1)
      value = value * 256 + (this.#buffer[this.#at + index] ?? 0);
    this.#at += 1 + this.#intBytes;
    if (!Number.isSafeInteger(value)) throw brokenArchive('a number in it makes no sense');
    return isNegative ? -value : value;
  }

  /** Undefined for none. */
  async text(): Promise<string | undefined> {
    const length = await this.int();
    if (length < 0) return undefined;
    if (length > maxTextBytes) throw brokenArchive('a text in it has no end');
    return (await this.bytes(length)).toString('utf8');
  }

  /** Gives so many bytes piece by piece; a piece is valid during the call alone. */
  async stream(count: number, take: (part: Buffer) => void): Promise<void> {
    let left = count;
    while (left > 0) {
      if (this.#left === 0) await this.#require();
      const part = this.#buffer.subarray(this.#at, this.#at + left);
      this.#at += part.length;
      left -= part.length;
      take(part);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  get #left(): number {
    return this.#buffer.length - this.#at;
  }

  async #require(): Promise<void> {
    if (!(await this.#fill())) throw brokenArchive('it is cut off');
  }

  /** False at the end of the file. */
  async #fill(): Promise<boolean> {
    this.#signal.throwIfAborted();
    const rest = this.#buffer.subarray(this.#at);
    const next = Buffer.allocUnsafe(rest.length + bufferBytes);
    rest.copy(next);
    const { bytesRead } = await this.#handle.read(next, rest.length, bufferBytes, null);
    this.#buffer = next.subarray(0, rest.length + bytesRead);
    this.#at = 0;
    return bytesRead > 0;
  }
}

export function brokenArchive(why: string): AppError {
  return new AppError('damaged', `The dump of the database is not sound: ${why}. Use another backup.`);
}
