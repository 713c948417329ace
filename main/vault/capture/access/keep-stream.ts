import { cancelled } from '../cancelled.ts';
import type { AccessToMain, AccessToThread, KeepTask } from '../thread/capture-messages.ts';
import { PieceSender } from '../thread/piece-sender.ts';
import { ThreadRun } from '../thread/thread-run.ts';

export type KeepRequest = Readonly<{
  stream: AsyncIterable<Uint8Array>;
  /** Made here, 0600. */
  file: string;
  mostBytes: number;
  signal: AbortSignal;
}>;

/** Keeps a stream in a file; rejects with `failed` when it is longer than `mostBytes`. */
export async function keepStream({ stream, file, mostBytes, signal }: KeepRequest): Promise<void> {
  if (signal.aborted) {
    throw cancelled(signal);
  }
  const pieces = new PieceSender(stream, (bytes) => {
    thread.post({ type: 'piece', bytes }, bytes === undefined ? [] : [bytes.buffer]);
  });
  await using thread: ThreadRun<AccessToMain, AccessToThread, void> = new ThreadRun(signal, () => {
    pieces.stop();
  });
  const makeTask = (flags: KeepTask['flags']): KeepTask => ({ kind: 'keep', file, mostBytes, flags });
  thread.start(makeTask, (message) => {
    if (message.type === 'piece-taken') {
      pieces.taken();
    } else if (message.type === 'done') {
      thread.threadIsFree();
      thread.succeed();
    }
  });
  thread.run(pieces.run());
  await thread.result;
}

/** Starts threads that are not there yet, so that the next tasks begin at once. */
export async function warmThreads(count: number, signal: AbortSignal): Promise<void> {
  const start = (): ThreadRun<AccessToMain, AccessToThread, void> => {
    const thread = new ThreadRun<AccessToMain, AccessToThread, void>(signal, () => undefined);
    thread.start(
      (flags) => ({ kind: 'warm', flags }),
      () => {
        thread.threadIsFree();
        thread.succeed();
      },
    );
    return thread;
  };
  // All at once: one after the other would be the same thread.
  const threads = Array.from({ length: count }, start);
  try {
    await Promise.all(threads.map(async (thread) => await thread.result));
  } finally {
    await Promise.all(threads.map(async (thread) => await thread[Symbol.asyncDispose]()));
  }
}
