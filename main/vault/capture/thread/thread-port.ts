import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { AppError } from '../../../../shared/lib/app-error.ts';

const waitMs = 100;

/**
 * The thread's end of a talk with main. The thread works in one go, without an event loop: where it has to wait for main, it sleeps
 * until the message comes, and learns of a cancelled run within 100 ms.
 */
export class ThreadPort<FromMain, ToMain> {
  readonly #port: MessagePort;
  readonly #flags: Int32Array;
  readonly #accept: (message: FromMain) => void;

  constructor(port: MessagePort, flags: Int32Array, accept: (message: FromMain) => void) {
    this.#port = port;
    this.#flags = flags;
    this.#accept = accept;
  }

  /** Throws when the run was cancelled. */
  check(): void {
    if (Atomics.load(this.#flags, 1) !== 0) {
      throw new AppError('cancelled', 'The backup was cancelled.');
    }
  }

  post(message: ToMain, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** Sleeps until a message came, or for a moment. */
  wait(): void {
    this.check();
    const seen = Atomics.load(this.#flags, 0);
    if (!this.receiveAll()) {
      Atomics.wait(this.#flags, 0, seen, waitMs);
      this.receiveAll();
    }
  }

  /** Takes the messages that are there; false when there is none. */
  receiveAll(): boolean {
    let isAny = false;
    for (
      let got = receiveMessageOnPort(this.#port);
      got !== undefined;
      got = receiveMessageOnPort(this.#port)
    ) {
      // Main sends nothing else on this port.
      this.#accept(got.message as FromMain);
      isAny = true;
    }
    return isAny;
  }
}
