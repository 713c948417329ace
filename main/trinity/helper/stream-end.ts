import { frameOf } from '../../vault/capture/records/frames.ts';

/** Bytes of the last frame's body. */
const bodyBytes = { tree: 32, content: 8 } as const;

/**
 * Whether a record stream ends as it must. Who reads the records checks far more, but cannot tell why one was cut off; here it is still
 * known who sent it.
 */
export class StreamEnd {
  readonly #frameBytes: number;
  #tail: Buffer = Buffer.alloc(0);

  constructor(stream: keyof typeof bodyBytes) {
    this.#frameBytes = 5 + bodyBytes[stream];
  }

  see(piece: Uint8Array): void {
    const last = piece.subarray(Math.max(0, piece.length - this.#frameBytes));
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-this.#frameBytes);
  }

  get isSeen(): boolean {
    const tail = this.#tail;
    if (tail.length < this.#frameBytes) return false;
    return tail.readUInt32LE(0) === this.#frameBytes - 4 && tail[4] === frameOf.end;
  }
}
