import type { Transferable, Worker } from 'node:worker_threads';
import { AppError } from '../../../shared/lib/app-error.ts';

/** What goes to a thread: a request that it answers under the same number. */
export type ThreadCall<Request> = Readonly<{ call: number; request: Request }>;
/** What comes back: an answer, or something the thread tells by itself. */
export type ThreadAnswer<Reply, Event> =
  | Readonly<{ kind: 'reply'; call: number; reply: Reply }>
  | Readonly<{ kind: 'event'; event: Event }>;

type Waiting<Reply> = Readonly<{ resolve: (reply: Reply) => void; reject: (error: Error) => void }>;

/**
 * Calls into a worker thread. When the thread dies, by an error or otherwise, every call that waits is rejected and every
 * later one too. The thread keeps the process alive only while a call waits, or somebody waits for its end.
 */
export class ThreadCalls<Request, Reply, Event = never> implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting<Reply>>();
  #nextCall = 1;
  #isEnding = false;
  #death: AppError | undefined;

  constructor(
    worker: Worker,
    handlers: Readonly<{ onEvent?: (event: Event) => void; onDeath?: (error: AppError) => void }>,
  ) {
    this.#worker = worker;
    worker.unref();
    worker.on('message', (answer: ThreadAnswer<Reply, Event>) => {
      if (answer.kind === 'reply') {
        this.#answer(answer.call, answer.reply);
      } else {
        handlers.onEvent?.(answer.event);
      }
    });
    const die = (cause: unknown): void => {
      this.#death ??= new AppError('failed', 'A worker thread of the vault ended; run the command again.', {
        cause,
      });
      for (const { reject } of this.#waiting.values()) {
        reject(this.#death);
      }
      this.#waiting.clear();
      handlers.onDeath?.(this.#death);
    };
    worker.on('error', die);
    worker.on('messageerror', (error) => {
      die(error);
      // It lives on, but which call its answer was for cannot be told.
      void worker.terminate();
    });
    worker.on('exit', (code) => die(new Error(`the thread ended with code ${code}`)));
  }

  /** Calls that wait for their answer. */
  get outstanding(): number {
    return this.#waiting.size;
  }

  async call(request: Request, transfer: readonly Transferable[] = []): Promise<Reply> {
    if (this.#death !== undefined) {
      throw this.#death;
    }
    const call = this.#nextCall;
    this.#nextCall += 1;
    const message: ThreadCall<Request> = { call, request };
    // First of all: what cannot be sent throws here, and must not be waited for.
    this.#worker.postMessage(message, transfer);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting.set(call, { resolve, reject });
    this.#worker.ref();
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // An answer that comes now must not let the process end before the thread has.
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #answer(call: number, reply: Reply): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (this.#waiting.size === 0 && !this.#isEnding) {
      this.#worker.unref();
    }
    waiting?.resolve(reply);
  }
}
