import type { AccessTask, AccessToMain, AccessToThread, ThreadFlags } from '../thread/capture-messages.ts';
import { PieceSender } from '../thread/piece-sender.ts';
import type { ListOptions, TreeAccess } from '../records/tree-access.ts';
import { ThreadRun } from '../thread/thread-run.ts';

/** Reads a folder of this host, in threads. */
export class HostAccess implements TreeAccess {
  readonly #root: string;

  /** `root`: absolute path of the folder. */
  constructor(root: string) {
    this.#root = root;
  }

  async *list({ exclude, only, sync, signal }: ListOptions): AsyncGenerator<Uint8Array> {
    yield* run((flags) => ({ kind: 'list', root: this.#root, exclude, only, sync, flags }), signal);
  }

  async *send(wanted: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* run((flags) => ({ kind: 'send', root: this.#root, flags }), signal, wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Threads end with their streams.
  }
}

/** Pieces as a thread gives them. The memory of each is its own again when the next one is asked for. */
async function* run(
  makeTask: (flags: ThreadFlags) => AccessTask,
  signal: AbortSignal,
  wanted?: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const given: Uint8Array<ArrayBuffer>[] = [];
  let wake: () => void = () => {};
  const input =
    wanted === undefined
      ? undefined
      : new PieceSender(wanted, (bytes) => {
          thread.post({ type: 'piece', bytes }, bytes === undefined ? [] : [bytes.buffer]);
        });
  await using thread: ThreadRun<AccessToMain, AccessToThread, void> = new ThreadRun(signal, () => {
    input?.stop();
    wake();
  });
  thread.start(makeTask, (message) => {
    if (message.type === 'given') {
      given.push(message.bytes);
      wake();
    } else if (message.type === 'piece-taken') {
      input?.taken();
    } else {
      thread.threadIsFree();
      thread.succeed();
    }
  });
  if (input !== undefined) {
    thread.run(input.run());
  }
  for (;;) {
    const piece = given.shift();
    if (piece !== undefined) {
      yield piece;
      thread.post({ type: 'buffer', buffer: piece.buffer }, [piece.buffer]);
    } else if (thread.isEnded) {
      await thread.result;
      return;
    } else {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  }
}
