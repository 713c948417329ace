import { AppError } from '../../../../shared/lib/app-error.ts';

/** Pieces of a stream that are on their way to a thread. */
const piecesAhead = 3;

export type PieceTaker = (bytes: Uint8Array<ArrayBuffer> | undefined) => void;

/** A stream that says nothing for so long says nothing any more. */
const mostSilenceMs = 5 * 60_000;

/** Sends a stream of bytes to a thread piece by piece, a few ahead of where it is, and then that it ended. */
export class PieceSender {
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #send: PieceTaker;
  readonly #silenceMs: number;
  #ahead = 0;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(pieces: AsyncIterable<Uint8Array>, send: PieceTaker, silenceMs = mostSilenceMs) {
    this.#pieces = pieces;
    this.#send = send;
    this.#silenceMs = silenceMs;
  }

  /** Resolves when all was sent, or it was stopped; rejects with the stream's own error, or `failed` when it stalls. */
  async run(): Promise<void> {
    const pieces = this.#pieces[Symbol.asyncIterator]();
    try {
      await this.#sendAll(pieces);
    } finally {
      // Not waited for: a stream that stalls does not end either.
      letGo(pieces);
    }
  }

  async #sendAll(pieces: AsyncIterator<Uint8Array>): Promise<void> {
    while (!this.#isStopped) {
      const piece = await this.#inTime(pieces.next());
      if (piece.done === true) {
        this.#send(undefined);
        return;
      }
      await this.#room();
      if (!this.#isStopped && piece.value.length > 0) {
        this.#ahead += 1;
        // A copy: the memory is given away, and what a stream yields may be its own.
        this.#send(new Uint8Array(piece.value));
      }
    }
  }

  async #inTime<Value>(next: Promise<Value>): Promise<Value> {
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(() => silence.reject(silent(this.#silenceMs)), this.#silenceMs);
    try {
      return await Promise.race([next, silence.promise]);
    } finally {
      clearTimeout(timer);
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

function letGo(pieces: AsyncIterator<Uint8Array>): void {
  // It ends with the run; how, nobody waits for any more.
  pieces.return?.().catch(() => undefined);
}

function silent(silenceMs: number): AppError {
  const seconds = String(Math.round(silenceMs / 1000));
  return new AppError(
    'failed',
    `What reads the files has said nothing for ${seconds} s. Run the backup again.`,
  );
}
