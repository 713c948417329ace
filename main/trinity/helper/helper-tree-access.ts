import fs from 'node:fs';
import type { Writable } from 'node:stream';
import { addAbortListener, once } from 'node:events';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ListOptions, TreeAccess } from '../../vault/capture/records/tree-access.ts';
import type { DockerEngine } from '../docker/docker-engine.ts';
import { cancelledError } from '../docker/engine-error.ts';
import type { ExecProcess } from '../docker/engine-processes.ts';
import { helperCommand } from './helper-program.ts';
import { joinedPieces } from './joined-pieces.ts';
import { StreamEnd } from './stream-end.ts';
import { TreeAnswers } from './tree-answers.ts';

export type HelperParts = Readonly<{
  engine: DockerEngine;
  container: string;
  /** What it reads, for people. */
  place: string;
  /** Links in the root that count as files: where those are for the helper. */
  follow: Readonly<Record<string, string>>;
  writes: boolean;
  /** Removes the container. */
  end: () => Promise<void>;
}>;

/** Longest silence: it may have to write a whole file system to its disk before it says anything. */
const silenceMs = 600_000;
const lookMs = 10_000;
/** How long one that is to wait for us may take to begin, while nobody stands still. */
const readyMs = 60_000;

/** A process that lists, and remembers what it has told. */
type Lister = Readonly<{ process: ExecProcess; answers: TreeAnswers; hasAnswered: boolean }>;

/** Reads a tree that a helper mounts, each stream by a process in it. */
export class HelperTreeAccess implements TreeAccess {
  readonly #parts: HelperParts;
  /** Waits for the next question. */
  #lister: Lister | undefined;
  /** Waits for what it is to send. */
  #sender: ExecProcess | undefined;
  /** Bytes that came over the socket. */
  bytesReceived = 0;

  constructor(parts: HelperParts) {
    this.#parts = parts;
  }

  /** What it reads or writes, for people. */
  get place(): string {
    return this.#parts.place;
  }

  async *list({
    exclude,
    only,
    sync,
    again = false,
    since,
    signal,
  }: ListOptions): AsyncGenerator<Uint8Array> {
    const lister = this.#takeLister() ?? (await this.#startLister(signal));
    const { process, answers, hasAnswered } = lister;
    using ends = new DisposableStack();
    ends.use(endedBy(signal, process));
    const isSince = since !== undefined && hasAnswered;
    const sinceFd = isSince ? fs.openSync(since, 'r') : undefined;
    const bytesBefore = answers.bytesReceived;
    let isWhole = false;
    try {
      process.stdin.write(`${JSON.stringify({ exclude, only, sync, again, since: isSince })}\n`);
      isWhole = yield* answers.next(sinceFd);
    } catch (error) {
      throw await this.endedEarly(process, error, signal);
    } finally {
      this.bytesReceived += answers.bytesReceived - bytesBefore;
      if (sinceFd !== undefined) fs.closeSync(sinceFd);
      if (isWhole && again) this.#lister = { ...lister, hasAnswered: true };
      else await process[Symbol.asyncDispose]();
    }
    if (!isWhole) throw await this.endedEarly(process, undefined, signal);
  }

  /** A process takes longer to begin than ten thousand files to be listed. The one that lists is there already. */
  async prepare(signal: AbortSignal): Promise<void> {
    try {
      this.#sender = await this.#start('send', signal);
      this.#sender.stdout.on('error', () => undefined);
      // Its stream has begun: it waits for what it is to send.
      await once(this.#sender.stdout, 'readable', {
        signal: AbortSignal.any([signal, AbortSignal.timeout(readyMs)]),
      });
    } catch {
      // Whoever sends starts another, and hears what is wrong.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lister?.process[Symbol.asyncDispose]();
    await this.#sender?.[Symbol.asyncDispose]();
    await this.#parts.end();
  }

  async *send(wanted: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    await using process = this.#takeSender() ?? (await this.#start('send', signal));
    using ends = new DisposableStack();
    ends.use(endedBy(signal, process));
    const feeding = fed(process.stdin, wanted);
    const end = new StreamEnd();
    try {
      for await (const piece of joinedPieces(process.stdout)) {
        this.bytesReceived += piece.length;
        end.see(piece);
        yield piece;
      }
    } catch (error) {
      throw await this.endedEarly(process, error, signal);
    }
    const { sourceError } = await feeding;
    if (sourceError !== undefined) throw sourceError;
    if (!end.isSeen) throw await this.endedEarly(process, undefined, signal);
  }

  #takeLister(): Lister | undefined {
    const lister = this.#lister;
    this.#lister = undefined;
    return lister?.process.stdout.destroyed === true ? undefined : lister;
  }

  #takeSender(): ExecProcess | undefined {
    const sender = this.#sender;
    this.#sender = undefined;
    return sender?.stdout.destroyed === true ? undefined : sender;
  }

  async #startLister(signal: AbortSignal): Promise<Lister> {
    const process = await this.#start('list', signal);
    process.stdout.on('error', () => undefined);
    return { process, answers: new TreeAnswers(process.stdout), hasAnswered: false };
  }

  /** It may have to wait for long until it is asked; who reads from it does not wait for ever. */
  async #start(command: 'list' | 'send', signal: AbortSignal): Promise<ExecProcess> {
    return await this.start(helperCommand(command, '/tree', JSON.stringify(this.#parts.follow)), signal, 0);
  }

  /** Starts a program beside those that read the tree, which is at `/tree`. `silence` is how long it may say nothing: ms, 0 for ever. */
  async start(command: readonly string[], signal: AbortSignal, silence = silenceMs): Promise<ExecProcess> {
    const { engine, container } = this.#parts;
    try {
      return await engine.exec(container, { command, stdin: true, silenceMs: silence }, signal);
    } catch (error) {
      signal.throwIfAborted();
      const isGone = error instanceof AppError && (error.kind === 'not-found' || error.kind === 'busy');
      throw isGone ? this.#gone() : error;
    }
  }

  /** The one sentence for a program without its end: what it said, that its container is gone, or that the engine is. */
  async endedEarly(process: ExecProcess, error: unknown, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return error ?? signal.reason;
    const { engine, container, place, writes } = this.#parts;
    try {
      const facts = await engine.inspectContainer(container, AbortSignal.timeout(lookMs));
      if (facts?.state !== 'running') return this.#gone();
    } catch (reason) {
      // Whatever broke the stream, it was the engine.
      return error instanceof AppError ? error : reason;
    }
    if (error !== undefined) return error;
    const said = process.stderrText().trim().split('\n').at(-1)?.slice(0, 300) ?? '';
    const why = said === '' ? 'it did not say why' : said;
    return new AppError(
      'failed',
      writes
        ? `A helper container could not write ${place} (${why}). Try again.`
        : `A helper container could not read ${place} (${why}). Run the backup again.`,
    );
  }

  #gone(): AppError {
    const { place, writes } = this.#parts;
    const [did, again] = writes ? ['wrote', 'Try again'] : ['read', 'Run the backup again'];
    return new AppError(
      'unavailable',
      `The helper container that ${did} ${place} was ended before it was done. ${again}.`,
    );
  }
}

/** Ends the stream of a process with a signal that may be another than it was started with. */
function endedBy(signal: AbortSignal, { stdout }: ExecProcess): Disposable {
  return addAbortListener(signal, () => {
    stdout.destroy(cancelledError(signal));
  });
}

/** Writes all of `input` to a process; whoever reads its output learns how that went. */
async function fed(
  stdin: Writable,
  input: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Readonly<{ sourceError?: unknown }>> {
  const closed = once(stdin, 'close').catch(() => undefined);
  try {
    for await (const piece of input) {
      if (stdin.destroyed) return {};
      if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain').catch(() => undefined), closed]);
    }
    stdin.end();
    return {};
  } catch (sourceError) {
    stdin.destroy();
    return { sourceError };
  }
}
