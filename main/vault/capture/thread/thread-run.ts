import { MessageChannel } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { within } from '../../../platform/within.ts';
import { cancelled } from '../cancelled.ts';
import type { Failed, ThreadFlags, ThreadTask } from './capture-messages.ts';
import { giveCaptureThreadBack, takeCaptureThread } from './capture-threads.ts';

/** How long an ended thread is waited for: one that hangs in a call of the system is left to itself. */
const endMs = 400;

type Typed = Readonly<{ type: string }>;

/** Main's end of the talk with a thread that runs one task. Ends the thread when disposed. */
export class ThreadRun<FromThread extends Typed, ToThread, Result> implements AsyncDisposable {
  readonly #thread = takeCaptureThread();
  readonly #channel = new MessageChannel();
  readonly #port = this.#channel.port1;
  readonly #flags = new Int32Array(new SharedArrayBuffer(8));
  readonly #result = Promise.withResolvers<Result>();
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;
  /** The thread has ended this run and can take another. */
  #isThreadFree = false;
  #isEnded = false;
  readonly #onAbort = (): void => {
    this.fail(cancelled(this.#signal));
  };

  /** `onEnd` is called once, when the run is over in whatever way. */
  constructor(signal: AbortSignal, onEnd: () => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    // Whoever waits for it is told; nobody may be waiting yet.
    this.#result.promise.catch(() => undefined);
    const { worker } = this.#thread;
    worker.on('error', (error) => {
      this.fail(error);
    });
    // What was in it is lost, and the thread may wait for an answer.
    this.#port.on('messageerror', (error) => {
      this.fail(error);
    });
    worker.on('exit', () => {
      this.fail(new AppError('failed', 'The thread that reads files ended early. Run the backup again.'));
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) {
      this.#onAbort();
    }
  }

  get result(): Promise<Result> {
    return this.#result.promise;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  start(
    makeTask: (flags: ThreadFlags) => ThreadTask,
    accept: (message: Exclude<FromThread, Failed>) => void,
  ): void {
    this.#port.on('message', (message: FromThread | Failed) => {
      if (isFailed(message)) {
        this.threadIsFree();
        this.fail(new AppError(message.kind, message.message));
      } else if (!this.#isEnded) {
        // What is left of the union.
        accept(message as Exclude<FromThread, Failed>);
      }
    });
    const start = { task: makeTask(this.#flags), port: this.#channel.port2 };
    this.#thread.worker.postMessage(start, [this.#channel.port2]);
  }

  /** The thread said that it has done its task. */
  threadIsFree(): void {
    this.#isThreadFree = true;
  }

  post(message: ToThread, transfer: readonly Transferable[]): void {
    if (!this.#isEnded) {
      this.#port.postMessage(message, transfer);
      this.#wake();
    }
  }

  /** Work that fails the run when it fails. */
  run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.fail(error);
    });
  }

  succeed(result: Result): void {
    if (!this.#isEnded) {
      this.#result.resolve(result);
      this.#end();
    }
  }

  fail(error: unknown): void {
    if (!this.#isEnded) {
      this.#result.reject(error);
      this.#end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.fail(new AppError('cancelled', 'The backup was cancelled.'));
    this.#port.close();
    if (this.#isThreadFree) {
      await giveCaptureThreadBack(this.#thread);
      return;
    }
    // Not waited for when it hangs: a mount that is away can hold a thread for ever.
    await within(endMs, this.#thread.end());
  }

  /** Lets the thread stop, whatever it is doing. */
  #end(): void {
    this.#isEnded = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#onEnd();
    Atomics.store(this.#flags, 1, 1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#flags, 0, 1);
    Atomics.notify(this.#flags, 0);
  }
}

function isFailed(message: Typed): message is Failed {
  return message.type === 'failed';
}
