import { isUtf8 } from 'node:buffer';
import type { Listing } from '../../vault/listing/listing.ts';
import { parentLength } from '../../vault/listing/path-order.ts';

export type ArchiveFormat = 'zip' | 'tar.gz';

const slash = 0x2f;
const backslash = '\\';

/**
 * Names within an archive, below one folder for each source. What is no UTF-8, and in zip files backslashes (which tools take for
 * slashes), is written as `%XX`; then `%` is, too. Where something else has that name already, `~` is added.
 */
export class ArchiveNames {
  readonly #listing: Listing;
  readonly #top: string;
  readonly #format: ArchiveFormat;
  #escaped = 0;

  constructor(listing: Listing, top: string, format: ArchiveFormat) {
    this.#listing = listing;
    this.#top = escapeName(Buffer.from(top), /[\\:%]/u.test(top));
    this.#format = format;
  }

  /** How many names had to be written in another way. */
  get escaped(): number {
    return this.#escaped;
  }

  async of(path: Buffer): Promise<string> {
    if (path.length === 0) {
      return this.#top;
    }
    if (!this.#mustEscape(path)) {
      return `${this.#top}/${path.toString()}`;
    }
    const folder = parentLength(path, path.length);
    const name = folder === 0 ? path : path.subarray(folder + 1);
    const above = path.subarray(0, folder);
    return `${await this.of(above)}/${await this.#nameIn(above, name)}`;
  }

  /** The text of other bytes than names: where a symlink leads. */
  target(bytes: Buffer): string {
    return escapeName(bytes, !isUtf8(bytes));
  }

  async #nameIn(folder: Buffer, name: Buffer): Promise<string> {
    if (!this.#mustEscape(name)) {
      return name.toString();
    }
    this.#escaped += 1;
    let text = escapeName(name, true);
    while ((await this.#listing.entry(joined(folder, Buffer.from(text)))) !== undefined) {
      text += '~';
    }
    return text;
  }

  #mustEscape(bytes: Buffer): boolean {
    return !isUtf8(bytes) || (this.#format === 'zip' && bytes.includes(backslash));
  }
}

function joined(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, Buffer.of(slash), name]);
}

function escapeName(bytes: Buffer, isNeeded: boolean): string {
  if (!isNeeded) {
    return bytes.toString();
  }
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = plainLengthAt(bytes, at);
    text += length === 0 ? percent(bytes[at] ?? 0) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Length of the one character at `at` that needs no escape, or 0. */
function plainLengthAt(bytes: Buffer, at: number): number {
  if (['%', backslash, ':'].some((character) => bytes[at] === character.codePointAt(0))) {
    return 0;
  }
  return (
    [1, 2, 3, 4].find((length) => at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) ?? 0
  );
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
