/** Pieces of a stream that are on their way to a thread. */
const piecesAhead = 3;

export type PieceTaker = (bytes: Uint8Array<ArrayBuffer> | undefined) => void;

/** Sends a stream of bytes to a thread piece by piece, a few ahead of where it is, and then that it ended. */
export class PieceSender {
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #send: PieceTaker;
  #ahead = 0;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(pieces: AsyncIterable<Uint8Array>, send: PieceTaker) {
    this.#pieces = pieces;
    this.#send = send;
  }

  /** Resolves when all was sent, or it was stopped; rejects with the stream's own error. */
  async run(): Promise<void> {
    for await (const piece of this.#pieces) {
      await this.#room();
      if (this.#isStopped) {
        return;
      }
      if (piece.length > 0) {
        this.#ahead += 1;
        this.#send(toGive(piece));
      }
    }
    if (!this.#isStopped) {
      this.#send(undefined);
    }
  }

  /** The thread took one. */
  taken(): void {
    this.#ahead -= 1;
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async #room(): Promise<void> {
    while (this.#ahead >= piecesAhead && !this.#isStopped) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}

/** Always a copy: the memory is given away, and what a stream yields may be its own. */
function toGive(piece: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(piece);
}
