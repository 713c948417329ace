import { frameOf } from '../../vault/capture/records/frames.ts';

/** Of the last frame. */
const frameBytes = 13;

/**
 * Whether a content stream ends as it must. Who reads the records checks far more, but cannot tell why one was cut off; here it is still
 * known who sent it.
 */
export class StreamEnd {
  #tail: Buffer = Buffer.alloc(0);

  see(piece: Uint8Array): void {
    const last = piece.subarray(Math.max(0, piece.length - frameBytes));
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-frameBytes);
  }

  get isSeen(): boolean {
    const tail = this.#tail;
    if (tail.length < frameBytes) return false;
    return tail.readUInt32LE(0) === frameBytes - 4 && tail[4] === frameOf.end;
  }
}
