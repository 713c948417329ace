import { once } from 'node:events';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { finding } from '../../../shared/model/finding.ts';
import type { TreeSink } from '../../vault/restore/tree-sink.ts';
import type { SentChunk } from '../../vault/restore/tree-thread.ts';
import type { ExecProcess } from '../docker/engine-processes.ts';
import { writerCommand } from './helper-program.ts';
import type { HelperTreeAccess } from './helper-tree-access.ts';

const frameOf = { chunk: 0x43, ops: 0x4f, end: 0x5a } as const;
const maxAnswerBytes = 1024 * 1024;
/** Disks that are dead take nothing more; a helper that writes to a slow one still takes something. */
const drainLimitMs = 600_000;

const errorAnswer = z.object({
  error: z.object({
    kind: z.enum(['failed', 'refused', 'damaged']),
    message: z.string().max(20_000),
    code: z.string().optional(),
  }),
});
const doneAnswer = z.object({ done: z.unknown() });
const written = z.object({
  files: z.number().int().nonnegative(),
  bytes: z.number().nonnegative(),
  losses: z.array(finding),
});

type Written = Readonly<z.infer<typeof written>>;
type Lines = Iterable<string> | AsyncIterable<string>;

/** Runs programs where a helper's places are. */
export type WritingAccess = Pick<HelperTreeAccess, 'place' | 'start' | 'endedEarly'> & AsyncDisposable;

/** A helper container that writes. */
export class WritingHelper implements AsyncDisposable {
  readonly #access: WritingAccess;

  constructor(access: WritingAccess) {
    this.#access = access;
  }

  /** Runs one command to its end and gives its answer, of the shape that is asked for. */
  async ask<Answer>(
    command: Parameters<typeof writerCommand>,
    question: Readonly<{ input?: unknown; answer: z.ZodType<Answer> }>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const lines = question.input === undefined ? [] : [JSON.stringify(question.input)];
    return await this.askWithLines(command, { lines, answer: question.answer }, signal);
  }

  /** The same with an input of any length. */
  async askWithLines<Answer>(
    command: Parameters<typeof writerCommand>,
    { lines, answer }: Readonly<{ lines: Lines; answer: z.ZodType<Answer> }>,
    signal: AbortSignal,
  ): Promise<Answer> {
    await using process = await this.#access.start(writerCommand(...command), signal, 0);
    const said = textOf(process);
    // Whoever asks is told by the answer.
    said.catch(() => undefined);
    await fed(process, lines);
    return await this.#answer(process, said, { answer, signal });
  }

  /** Writes a tree into a new folder. */
  async writeTree(
    folder: string,
    signal: AbortSignal,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<TreeSink> {
    const process = await this.#access.start(writerCommand('write', folder), signal, 0);
    const said = textOf(process);
    // Whoever sends or finishes is told.
    said.catch(() => undefined);
    const finish = async (): Promise<Written> =>
      await this.#answer(process, said, { answer: written, signal });
    return new HelperSink({ process, ended: said.then(() => undefined), finish, signal, onBytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#access[Symbol.asyncDispose]();
  }

  async #answer<Answer>(
    process: ExecProcess,
    said: Promise<string>,
    { answer, signal }: Readonly<{ answer: z.ZodType<Answer>; signal: AbortSignal }>,
  ): Promise<Answer> {
    let text: string;
    try {
      text = await said;
    } catch (error) {
      throw await this.#access.endedEarly(process, error, signal);
    }
    const parsed = parsedOrUndefined(text);
    const failed = errorAnswer.safeParse(parsed).data?.error;
    if (failed !== undefined) throw this.#errorOf(failed);
    const done = doneAnswer.safeParse(parsed).data;
    if (done === undefined) throw await this.#access.endedEarly(process, undefined, signal);
    return answer.parse(done.done);
  }

  #errorOf({ kind, message, code }: z.infer<typeof errorAnswer>['error']): AppError {
    if (code === undefined) return new AppError(kind, message);
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const advice = isFull
      ? "Make room on the engine's disk, then try again."
      : 'Check that place, then try again.';
    const text = `${this.#access.place} could not be written (${message}). ${advice}`;
    return new AppError('failed', `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`, { details: { code } });
  }
}

type SinkParts = Readonly<{
  process: ExecProcess;
  /** Settles when the program has said its last. */
  ended: Promise<void>;
  finish: () => Promise<Written>;
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
}>;

/** Sends operations and chunks to a helper's program, as fast as that takes them. */
class HelperSink implements TreeSink {
  readonly #parts: SinkParts;
  readonly #failed: Promise<never>;
  #bytes = 0;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    // It says nothing before its stdin has ended: whatever it says earlier is why it gave up.
    this.#failed = parts.ended.then(
      async () => await this.#giveUp(),
      async () => await this.#giveUp(),
    );
    this.#failed.catch(() => undefined);
  }

  async send(ops: Uint8Array, chunks: readonly SentChunk[]): Promise<void> {
    for (const { chunk, bytes } of chunks) {
      const number = Buffer.alloc(4);
      number.writeUInt32LE(chunk);
      await this.#write(frameOf.chunk, number, bytes);
      this.#bytes += bytes.length;
      this.#parts.onBytes(this.#bytes);
    }
    if (ops.length > 0) await this.#write(frameOf.ops, Buffer.from(ops));
  }

  async whileRunning<Value>(promise: Promise<Value>): Promise<Value> {
    return await this.#whileAllowed(Promise.race([this.#failed, promise]));
  }

  async #whileAllowed<Value>(promise: Promise<Value>): Promise<Value> {
    const aborted = Promise.withResolvers<never>();
    const { signal } = this.#parts;
    const abort = (): void => aborted.reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    aborted.promise.catch(() => undefined);
    try {
      return await Promise.race([aborted.promise, promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async finish(): Promise<Written> {
    const { process, finish } = this.#parts;
    process.stdin.end(frameHead(frameOf.end, 0));
    return await this.#whileAllowed(finish());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.process[Symbol.asyncDispose]();
  }

  async #write(type: number, ...parts: readonly Uint8Array[]): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const { stdin } = this.#parts.process;
    let isTaken = true;
    for (const part of [frameHead(type, length), ...parts]) isTaken = stdin.write(part);
    if (!isTaken) await this.whileRunning(this.#drained());
  }

  async #drained(): Promise<void> {
    const limit = AbortSignal.timeout(drainLimitMs);
    try {
      await once(this.#parts.process.stdin, 'drain', { signal: limit });
    } catch (error) {
      if (limit.aborted)
        throw new AppError('failed', 'The helper container takes no more data. Try again.', { cause: error });
      // Its connection broke: why, it says itself.
      await this.#failed;
    }
  }

  async #giveUp(): Promise<never> {
    await this.#parts.finish();
    throw new AppError('failed', 'The helper container ended before all was written. Try again.');
  }
}

function frameHead(type: number, length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(length + 1);
  head[4] = type;
  return head;
}

/** A program that gives up reads no more: why, it says itself. */
async function fed({ stdin }: ExecProcess, lines: Lines): Promise<void> {
  const closed = once(stdin, 'close').catch(() => undefined);
  for await (const line of lines) {
    if (stdin.destroyed) return;
    if (!stdin.write(line)) await Promise.race([once(stdin, 'drain').catch(() => undefined), closed]);
  }
  stdin.end();
}

/** All that a process writes to its stdout. */
async function textOf({ stdout }: ExecProcess): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stdout) {
    const buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    bytes += buffer.length;
    if (bytes > maxAnswerBytes) throw new AppError('failed', 'A helper container says too much. Try again.');
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off, or no answer at all: what it wrote to stderr tells more.
    return undefined;
  }
}
