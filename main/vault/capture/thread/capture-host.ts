import type { Transferable } from 'node:worker_threads';
import { pathText } from '../../../platform/path-text.ts';
import type { CaptureTask, StreamName, ToMain, ToThread, TreeTask } from './capture-messages.ts';
import type { CaptureRequest, CaptureResult } from '../capture.ts';
import { IdList } from './id-list.ts';
import { PieceSender } from './piece-sender.ts';
import type { Beginning } from '../previous/previous-facts.ts';
import { PreviousSender } from '../previous/previous-sender.ts';
import { ThreadRun } from './thread-run.ts';

type Batch = Extract<ToMain, { type: 'batch' }>;
type Walked = Extract<ToMain, { type: 'walked' }>;
type Done = Extract<ToMain, { type: 'done' }>;

/** Main's side of one capture: stores what the thread sends, and gives it what it asks for. Ends the thread when disposed. */
export class CaptureHost implements AsyncDisposable {
  readonly #request: CaptureRequest;
  readonly #beginning: Beginning;
  readonly #thread: ThreadRun<ToMain, ToThread, CaptureResult>;
  readonly #previous: PreviousSender;
  readonly #streams: Partial<Readonly<Record<StreamName, PieceSender>>>;
  readonly #ids: Readonly<Record<Batch['kind'], IdList>>;
  readonly #stores = new Set<Promise<void>>();
  #bytesAdded = 0;
  #bytesStored = 0;
  #rootPieces = 0;

  constructor(request: CaptureRequest, beginning: Beginning) {
    this.#request = request;
    this.#beginning = beginning;
    this.#ids = { data: new IdList(beginning.table.ids), block: new IdList(), root: new IdList() };
    const post = (message: ToThread, transfer: readonly Transferable[]): void => {
      this.#thread.post(message, transfer);
    };
    this.#previous = new PreviousSender(request, post);
    this.#streams = sendersOf(request, post);
    this.#thread = new ThreadRun(request.signal, () => {
      this.#previous.stop();
      this.#streams.records?.stop();
      this.#streams.content?.stop();
    });
    this.#thread.start(
      (flags) => this.#task(flags),
      (message) => {
        this.#accept(message);
      },
    );
    this.#thread.run(this.#previous.run());
    for (const stream of Object.values(this.#streams)) {
      this.#thread.run(stream.run());
    }
  }

  get result(): Promise<CaptureResult> {
    return this.#thread.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]();
  }

  #task(flags: CaptureTask['flags']): CaptureTask {
    const { tree, mayRecut, racyFromNs, keys } = this.#request;
    const { cutKey, pageKey } = keys.current;
    return {
      kind: 'capture',
      tree: taskOf(tree),
      previous: this.#beginning.previous,
      tableLengths: this.#beginning.table.lengths,
      mayRecut: mayRecut ?? true,
      racyFromNs,
      nowNs: BigInt(Date.now()) * 1_000_000n,
      cutKey,
      pageKey,
      flags,
    };
  }

  #accept(message: Exclude<ToMain, { type: 'failed' }>): void {
    switch (message.type) {
      case 'batch':
        this.#track(this.#store(message));
        break;
      case 'block-taken':
        this.#previous.blockTaken();
        break;
      case 'piece-taken':
        this.#streams[message.stream]?.taken();
        break;
      case 'read-previous':
        this.#thread.run(this.#previous.answer(message.extents));
        break;
      case 'read-block':
        this.#thread.run(this.#previous.answerBlock(message.index));
        break;
      case 'progress': {
        const { files, bytes, bytesRead, path } = message;
        this.#request.onProgress?.({ files, bytes, bytesRead, path: pathText(Buffer.from(path)) });
        break;
      }
      case 'walked':
        this.#thread.run(this.#sendIds(message));
        break;
      case 'done':
        this.#thread.threadIsFree();
        this.#thread.run(this.#finish(message));
        break;
      case 'selected':
        throw new Error('A capture selects nothing.');
    }
  }

  async #store(batch: Batch): Promise<void> {
    const { kind, buffer, lengths, numbers } = batch;
    const { writer, compress } = this.#request;
    const isData = kind === 'data';
    if (kind !== 'data') {
      this.#showParts(kind, buffer, lengths);
    }
    // Listings are small and compress well: they are compressed whatever the content is.
    const stored = await writer.store({
      class: isData ? 'data' : 'meta',
      buffer,
      lengths,
      compress: compress || !isData,
    });
    this.#ids[kind].set(numbers, stored.ids);
    this.#bytesAdded += stored.addedBytes;
    this.#bytesStored += stored.storedBytes;
    this.#rootPieces += kind === 'root' ? numbers.length : 0;
    this.#thread.post({ type: 'buffer', buffer }, []);
  }

  #showParts(kind: 'block' | 'root', buffer: SharedArrayBuffer, lengths: readonly number[]): void {
    let at = 0;
    for (const length of lengths) {
      this.#request.onListingPart?.({ kind, bytes: new Uint8Array(buffer, at, length) });
      at += length;
    }
  }

  async #sendIds(walked: Walked): Promise<void> {
    await this.#allStored();
    const table = this.#ids.data.first(walked.tableCount);
    const blocks = this.#ids.block.first(walked.blockCount);
    this.#thread.post({ type: 'ids', table, blocks }, [table.buffer, blocks.buffer]);
  }

  async #finish(done: Done): Promise<void> {
    await this.#allStored();
    const { counts, checksum, changedDatabases, warnings, notes } = done;
    const rootChunks = [...this.#ids.root.hexOf(this.#rootPieces)];
    this.#thread.succeed({
      listing: { rootChunks, checksum, entries: counts.entries, files: counts.files, bytes: counts.bytes },
      filesRead: counts.filesRead,
      bytesRead: counts.bytesRead,
      bytesAdded: this.#bytesAdded,
      bytesStored: this.#bytesStored,
      excludedFiles: counts.excludedFiles,
      excludedBytes: counts.excludedBytes,
      changedDatabases: changedDatabases.map((bytes) => Buffer.from(bytes)),
      warnings,
      notes,
    });
  }

  async #allStored(): Promise<void> {
    while (this.#stores.size > 0) {
      await Promise.all(this.#stores);
    }
  }

  /** Keeps a store until it is done; a failed one fails the capture. */
  #track(store: Promise<void>): void {
    this.#stores.add(store);
    this.#thread.run(store.finally(() => this.#stores.delete(store)));
  }
}

function taskOf(tree: CaptureRequest['tree']): TreeTask {
  return tree.kind === 'folder'
    ? { kind: 'folder', root: tree.root, exclude: tree.exclude, only: tree.only, follow: tree.follow ?? [] }
    : { kind: 'records', wantedFiles: tree.selection.wantedFiles, moved: tree.selection.moved };
}

function sendersOf(
  { tree }: CaptureRequest,
  post: (message: ToThread, transfer: readonly Transferable[]) => void,
): Partial<Readonly<Record<StreamName, PieceSender>>> {
  if (tree.kind === 'folder') {
    return {};
  }
  const sender = (stream: StreamName): PieceSender =>
    new PieceSender(tree[stream], (bytes) => {
      post({ type: 'piece', stream, bytes }, bytes === undefined ? [] : [bytes.buffer]);
    });
  return { records: sender('records'), content: sender('content') };
}
