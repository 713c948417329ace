import { AppError } from '../../shared/lib/app-error.ts';
import { momentText } from '../../shared/lib/time-text.ts';
import type { Progress } from '../backup/services.ts';
import type { OperationOptions } from './operation.ts';

/** Whoever says nothing for so long slept with the machine, or waits: that tells nothing of how fast it is. */
const silentMs = 60_000;

/** A run that changes vault or install: there is one at a time. */
export type WritingRun = Readonly<{
  what: 'backup' | 'restore' | 'change';
  /** Of a restore: what is restored. */
  subject?: string | undefined;
  startedAtMs: number;
}> & {
  progress?: Progress;
  /** When the phase of `progress` began, or went on after a sleep, and how much was done of it then. */
  phase?: Readonly<{ sinceMs: number; done: number }>;
};

/** The place of the one run that changes vault or install. */
export class WriterSlot {
  readonly #now: () => number;
  readonly #holdAwake: () => Disposable;
  #current: WritingRun | undefined;
  #cancel: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  /** `holdAwake` keeps the machine from falling asleep by itself until it is disposed: for as long as a run is on. */
  constructor(now: () => number, holdAwake: () => Disposable) {
    this.#now = now;
    this.#holdAwake = holdAwake;
  }

  get current(): WritingRun | undefined {
    return this.#current;
  }

  /** Resolves when nobody is in it. */
  async idle(): Promise<void> {
    while (this.#current !== undefined) await this.#done;
  }

  /** Cancels the run that is in it; false when there is none. It takes a moment to end, and may be done by then. */
  cancel(): boolean {
    this.#cancel?.abort(new AppError('cancelled', 'It was cancelled.'));
    return this.#cancel !== undefined;
  }

  /** `busy` at once while another is in it. */
  assertFree(): void {
    if (this.#current !== undefined) throw busy(this.#current, this.#now());
  }

  /** Runs something in it, which must be free. */
  async run<Result>(
    { what, subject }: Pick<WritingRun, 'what' | 'subject'>,
    options: OperationOptions,
    run: (options: OperationOptions) => Promise<Result>,
  ): Promise<Result> {
    this.assertFree();
    using parts = new DisposableStack();
    parts.use(this.#holdAwake());
    const writing: WritingRun = {
      what,
      ...(subject === undefined ? {} : { subject }),
      startedAtMs: this.#now(),
    };
    const cancel = new AbortController();
    const done = Promise.withResolvers<void>();
    this.#current = writing;
    this.#cancel = cancel;
    this.#done = done.promise;
    let saidMs = writing.startedAtMs;
    try {
      return await run({
        signal: AbortSignal.any([options.signal, cancel.signal]),
        onProgress: (progress) => {
          const nowMs = this.#now();
          if (writing.progress?.phase !== progress.phase || Math.abs(nowMs - saidMs) > silentMs) {
            writing.phase = { sinceMs: nowMs, done: progress.done };
          }
          saidMs = nowMs;
          writing.progress = progress;
          options.onProgress(progress);
        },
      });
    } finally {
      this.#current = undefined;
      this.#cancel = undefined;
      done.resolve();
    }
  }
}

function busy(running: WritingRun, nowMs: number): AppError {
  const what = { backup: 'A backup', restore: 'A restore', change: 'A change of the vault' }[running.what];
  return new AppError(
    'busy',
    `${what} is running (begun ${momentText(running.startedAtMs, nowMs)}): wait for it to end, then try again.`,
  );
}
