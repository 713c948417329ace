import type { MessagePort } from 'node:worker_threads';
import type { AccessToMain, AccessToThread } from '../thread/capture-messages.ts';
import { leastPieceBytes } from '../records/frames.ts';
import type { PieceSink, PieceSource } from '../records/frames.ts';
import { ThreadPort } from '../thread/thread-port.ts';

/** Pieces that may be on their way to main. */
const mostPiecesOut = 4;

/** What listing and sending ask of main: it takes pieces, and gives those of the wanted stream. */
export class AccessLink {
  readonly #port: ThreadPort<AccessToThread, AccessToMain>;
  readonly #buffers: ArrayBuffer[] = [];
  readonly #pieces: (Uint8Array | undefined)[] = [];
  #out = 0;

  constructor(port: MessagePort, flags: Int32Array) {
    this.#port = new ThreadPort(port, flags, (message) => {
      if (message.type === 'buffer') {
        this.#out -= 1;
        this.#buffers.push(message.buffer);
      } else {
        this.#pieces.push(message.bytes);
      }
    });
  }

  /** Throws when the run was cancelled. */
  check(): void {
    this.#port.check();
  }

  /** Memory for the first piece. */
  firstPiece(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(leastPieceBytes);
  }

  /** Sends a piece; waits while too many are on their way. */
  readonly give: PieceSink = (piece) => {
    this.#out += 1;
    this.#port.post({ type: 'given', bytes: piece }, [piece.buffer]);
    this.#port.receiveAll();
    while (this.#buffers.length === 0 && this.#out >= mostPiecesOut) {
      this.#port.wait();
    }
    const buffer = this.#buffers.pop();
    return buffer === undefined ? this.firstPiece() : new Uint8Array(buffer);
  };

  /** The next piece of the wanted stream. */
  readonly take: PieceSource = () => {
    while (this.#pieces.length === 0) {
      this.#port.wait();
    }
    this.#port.post({ type: 'piece-taken' });
    return this.#pieces.shift();
  };

  send(message: AccessToMain): void {
    this.#port.post(message);
  }
}
