import { createHmac } from 'node:crypto';
import { maxChunkBytes } from '../../chunks/chunk-store.ts';

export const smallestChunk = 262_144;
export const meanChunk = 1_048_576;
/** Below the mean a border must match more bits than above it, so that most chunks lie near the mean. Top bits see more bytes. */
const strictMask = -1 << 10;
const looseMask = -1 << 14;
/** Bytes before the smallest border that the hash has to see: older ones have been shifted out of its 32 bits. */
const window = 32;

/** 256 words that nobody can know without the key: so the lengths of chunks tell nothing of known files. */
export function makeGearTable(cutKey: Uint8Array): Int32Array {
  const words = new Int32Array(256);
  for (let part = 0; part < 32; part += 1) {
    const bytes = createHmac('sha256', cutKey).update('gear').update(Uint8Array.of(part)).digest();
    for (let word = 0; word < 8; word += 1) {
      words[part * 8 + word] = bytes.readInt32LE(word * 4);
    }
  }
  return words;
}

/**
 * Finds borders in a run of bytes that comes piece by piece. A border depends on the bytes since the last one and nothing else:
 * whatever was inserted before, borders fall into step again.
 */
export class Cutter {
  readonly #gear: Int32Array;
  #length = 0;
  #hash = 0;

  constructor(gear: Int32Array) {
    this.#gear = gear;
  }

  /** Begins a chunk. */
  reset(): void {
    this.#length = 0;
    this.#hash = 0;
  }

  /**
   * Takes the bytes from `from` up to `to` into the chunk, up to the first border among them. Gives the place after the border,
   * where the next chunk begins (`reset` was done), or -1 when all were taken without one.
   */
  scan(bytes: Uint8Array, from: number, to: number): number {
    const start = from - this.#length;
    const warmFrom = Math.min(to, Math.max(from, start + smallestChunk - window));
    const strictFrom = Math.min(to, Math.max(from, start + smallestChunk));
    const looseFrom = Math.min(to, Math.max(from, start + meanChunk));
    const last = Math.min(to, start + maxChunkBytes);
    this.#warm(bytes, warmFrom, strictFrom);
    let border = this.#findBorder(bytes, strictFrom, looseFrom, strictMask);
    if (border === -1) {
      border = this.#findBorder(bytes, looseFrom, last, looseMask);
    }
    if (border === -1 && last === start + maxChunkBytes) {
      border = last;
    }
    if (border === -1) {
      this.#length = to - start;
    } else {
      this.reset();
    }
    return border;
  }

  #warm(bytes: Uint8Array, from: number, to: number): void {
    const gear = this.#gear;
    let hash = this.#hash | 0;
    for (let at = from; at < to; at += 1) {
      hash = ((hash << 1) + (gear[bytes[at] ?? 0] ?? 0)) | 0;
    }
    this.#hash = hash;
  }

  /** The hot loop. `| 0` tells V8 that these are 32-bit numbers: without it each byte takes four times as long. */
  #findBorder(bytes: Uint8Array, from: number, to: number, mask: number): number {
    const gear = this.#gear;
    let hash = this.#hash | 0;
    for (let at = from | 0; at < to; at += 1) {
      hash = ((hash << 1) + (gear[bytes[at] ?? 0] ?? 0)) | 0;
      if ((hash & mask) === 0) {
        return at + 1;
      }
    }
    this.#hash = hash;
    return -1;
  }
}
