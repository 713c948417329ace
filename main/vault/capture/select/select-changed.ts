import path from 'node:path';
import type { Transferable } from 'node:worker_threads';
import type { ChunkReader, ChunkWriter } from '../../chunks/chunk-store.ts';
import type { Listing } from '../../listing/listing.ts';
import { cancelled } from '../cancelled.ts';
import type { Selected, SelectTask, ToMain, ToThread } from '../thread/capture-messages.ts';
import { PieceSender } from '../thread/piece-sender.ts';
import { beginFrom } from '../previous/previous-facts.ts';
import type { Beginning } from '../previous/previous-facts.ts';
import { PreviousSender } from '../previous/previous-sender.ts';
import { ThreadRun } from '../thread/thread-run.ts';
import type { Selection } from './selection.ts';

export type SelectRequest = Readonly<{
  /** The tree stream. */
  records: AsyncIterable<Uint8Array>;
  /** The listing to compare with; undefined wants everything. */
  previous?: Listing;
  reader: ChunkReader;
  /** Says which chunks may be relied on. */
  writer: Pick<ChunkWriter, 'knows'>;
  /** Whether content may be stored anew to free chunks of which little is used. */
  mayRecut: boolean;
  /** Where the streams are kept (0600), under names that begin with `name`; the caller removes it. */
  folder: string;
  name: string;
  mostRecordBytes: number;
  signal: AbortSignal;
}>;

/**
 * Finds out which files of a tree have to be sent: those that are new, changed, were read too early, or lie in chunks that the vault has
 * not any more. Files that were moved are found by inode, size and times. Rejects with `failed` for records that cannot be right.
 */
export async function selectChanged(request: SelectRequest): Promise<Selection> {
  const { previous, writer, signal } = request;
  if (signal.aborted) {
    throw cancelled(signal);
  }
  const beginning = await beginFrom(previous, writer);
  await using host = new SelectHost(request, beginning);
  return { ...(await host.result), ...filesOf(request) };
}

class SelectHost implements AsyncDisposable {
  readonly #thread: ThreadRun<ToMain, ToThread, Selected>;

  constructor(request: SelectRequest, beginning: Beginning) {
    const post = (message: ToThread, transfer: readonly Transferable[]): void => {
      this.#thread.post(message, transfer);
    };
    const previous = new PreviousSender(request, post);
    const records = new PieceSender(request.records, (bytes) => {
      post({ type: 'piece', stream: 'records', bytes }, bytes === undefined ? [] : [bytes.buffer]);
    });
    this.#thread = new ThreadRun(request.signal, () => {
      previous.stop();
      records.stop();
    });
    this.#thread.start(
      (flags) => taskOf(request, beginning, flags),
      (message) => {
        this.#accept(message, previous, records);
      },
    );
    this.#thread.run(previous.run());
    this.#thread.run(records.run());
  }

  get result(): Promise<Selected> {
    return this.#thread.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]();
  }

  #accept(
    message: Exclude<ToMain, { type: 'failed' }>,
    previous: PreviousSender,
    records: PieceSender,
  ): void {
    if (message.type === 'block-taken') {
      previous.blockTaken();
    } else if (message.type === 'piece-taken') {
      records.taken();
    } else if (message.type === 'selected') {
      this.#thread.threadIsFree();
      this.#thread.succeed(message.selected);
    } else {
      throw new Error(`A selection does not say ${message.type}.`);
    }
  }
}

function taskOf(request: SelectRequest, beginning: Beginning, flags: SelectTask['flags']): SelectTask {
  return {
    kind: 'select',
    previous: beginning.previous,
    tableLengths: beginning.table.lengths,
    mayRecut: request.mayRecut,
    mostRecordBytes: request.mostRecordBytes,
    ...filesOf(request),
    flags,
  };
}

function filesOf({ folder, name }: SelectRequest): Pick<Selection, 'recordsFile' | 'wantedFile'> {
  return {
    recordsFile: path.join(folder, `${name}.records`),
    wantedFile: path.join(folder, `${name}.wanted`),
  };
}
