import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { brokenRecords } from '../../vault/capture/records/frames.ts';

const pieceBytes = 1_048_576;
const lengthBytes = 4;
const frameOf = { data: 0x44, copy: 0x43, end: 0x5a } as const;
const copyBytes = 16;

/** Reads what `list` of volume-helper.py answers, one question after the other. Bytes may be hostile: none of a length is believed. */
export class TreeAnswers {
  readonly #pieces: AsyncIterator<unknown>;
  #piece: Buffer = Buffer.alloc(0);
  #at = 0;
  bytesReceived = 0;

  constructor(stdout: Readable) {
    this.#pieces = stdout[Symbol.asyncIterator]();
  }

  /**
   * The next tree stream. `sinceFd` is an open file with the one before it, for what is not sent again. Each piece lasts until the next
   * one is asked for. Gives whether it came to its end.
   */
  async *next(sinceFd: number | undefined): AsyncGenerator<Uint8Array, boolean> {
    const out = new Filling();
    for (;;) {
      const head = await this.#take(lengthBytes + 1);
      if (head === undefined) return false;
      const left = head.readUInt32LE(0) - 1;
      const type = head[lengthBytes];
      if (type === frameOf.end && left === 0) {
        if (out.length > 0) yield out.taken();
        return true;
      }
      if (type === frameOf.data) {
        if (!(yield* this.#data(out, left))) return false;
      } else if (type === frameOf.copy && left === copyBytes && sinceFd !== undefined) {
        const place = await this.#take(copyBytes);
        if (place === undefined) return false;
        yield* copied(out, sinceFd, { at: numberAt(place, 0), length: numberAt(place, 8) });
      } else throw brokenRecords('the type of a frame');
    }
  }

  async *#data(out: Filling, length: number): AsyncGenerator<Uint8Array, boolean> {
    for (let left = length; left > 0;) {
      if (!(await this.#hasMore())) return false;
      const taken = out.put(this.#piece.subarray(this.#at, this.#at + left));
      this.#at += taken;
      left -= taken;
      if (out.isFull) yield out.taken();
    }
    return true;
  }

  async #take(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0;) {
      if (!(await this.#hasMore())) return undefined;
      const part = this.#piece.subarray(this.#at, this.#at + left);
      parts.push(part);
      this.#at += part.length;
      left -= part.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  async #hasMore(): Promise<boolean> {
    while (this.#at === this.#piece.length) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return false;
      this.#piece = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
      this.#at = 0;
      this.bytesReceived += this.#piece.length;
    }
    return true;
  }
}

/** Memory that is filled and given away piece by piece. */
class Filling {
  readonly bytes = Buffer.allocUnsafeSlow(pieceBytes);
  length = 0;

  get isFull(): boolean {
    return this.length === pieceBytes;
  }

  put(part: Buffer): number {
    const taken = part.copy(this.bytes, this.length);
    this.length += taken;
    return taken;
  }

  taken(): Uint8Array {
    const piece = this.bytes.subarray(0, this.length);
    this.length = 0;
    return piece;
  }
}

type Place = Readonly<{ at: number; length: number }>;

/** Read at once: what Node does beside the main thread has to wait behind calls to a storage that stalls. */
function* copied(out: Filling, fd: number, { at, length }: Place): Generator<Uint8Array> {
  for (let done = 0; done < length;) {
    const room = Math.min(pieceBytes - out.length, length - done);
    const read = fs.readSync(fd, out.bytes, out.length, room, at + done);
    if (read === 0) throw brokenRecords('a place in the list before');
    out.length += read;
    done += read;
    if (out.isFull) yield out.taken();
  }
}

function numberAt(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw brokenRecords('a place in the list before');
  return Number(value);
}
