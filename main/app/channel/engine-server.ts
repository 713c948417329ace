import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { OperationOptions } from '../operation.ts';
import { linesOf, writeLine } from './lines.ts';
import { errorLine, progressLine, requestLine } from './messages.ts';

export type RunOperation = (name: string, input: unknown, options: OperationOptions) => Promise<unknown>;

/** Answers further commands of the same home over a socket that only its owner can open. */
export class EngineServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #socketFile: string;
  readonly #run: RunOperation;
  readonly #open = new Set<Promise<void>>();

  private constructor(socketFile: string, run: RunOperation) {
    this.#socketFile = socketFile;
    this.#run = run;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Called by the holder of the home's lock only: a socket that is there is of a dead engine. */
  static async listen(socketFile: string, run: RunOperation): Promise<EngineServer> {
    await rm(socketFile, { force: true });
    const server = new EngineServer(socketFile, run);
    server.#server.listen(socketFile);
    await once(server.#server, 'listening');
    // The folder is 0700, so nobody came in between.
    await chmod(socketFile, 0o600);
    return server;
  }

  /** Takes no more commands, waits for those at work, and removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Closing removes the socket's file too.
    this.#server.close();
    while (this.#open.size > 0) await Promise.all(this.#open);
    await rm(this.#socketFile, { force: true });
  }

  #accept(socket: Socket): void {
    const answered = this.#answer(socket).finally(() => {
      this.#open.delete(answered);
      socket.destroy();
    });
    this.#open.add(answered);
  }

  async #answer(socket: Socket): Promise<void> {
    const cancel = new AbortController();
    socket.on('close', () => cancel.abort(new AppError('cancelled', 'The command was cancelled.')));
    // A peer that resets is a peer that went away: 'close' follows.
    socket.on('error', () => undefined);
    const lines = linesOf(socket);
    try {
      const request = await firstRequest(lines);
      if (request === undefined) return;
      // Read on, though nothing more is expected: only a socket that is read notices that its peer went away.
      void readToEnd(lines);
      const result = await this.#run(request.operation, request.input, {
        signal: cancel.signal,
        onProgress: (progress) => void writeLine(socket, progressLine(progress)),
      });
      await writeLine(socket, { result: result ?? null });
    } catch (error) {
      await writeLine(socket, errorLine(error));
    }
    socket.end();
    if (!socket.destroyed) await once(socket, 'close');
  }
}

async function readToEnd(lines: AsyncGenerator<string>): Promise<void> {
  try {
    while ((await lines.next()).done !== true);
  } catch {
    // The peer is gone, or sends what no command sends: 'close' follows either way.
  }
}

async function firstRequest(
  lines: AsyncGenerator<string>,
): Promise<{ operation: string; input: unknown } | undefined> {
  const first = await lines.next();
  if (first.done === true) return undefined;
  const request = requestLine.safeParse(JSON.parse(first.value));
  if (!request.success) throw new AppError('usage', 'The engine did not understand the command: are both of one version?');
  return { operation: request.data.operation, input: request.data.input };
}
