import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError } from '../../../shared/lib/app-error.ts';
import { version } from '../../platform/version.ts';
import type { OperationOptions } from '../operation.ts';
import { linesOf, writeLine } from './lines.ts';
import { errorLine, progressLine, requestLine, type RequestLine } from './messages.ts';
import { socketAddress, type SocketAddress } from './socket-address.ts';

const usualCloseMs = 5000;

export type RunRequest = (request: RequestLine, options: OperationOptions) => Promise<unknown>;

/** Answers further commands of the same home over a socket that only its owner can open. */
export class EngineServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #socketFile: string;
  readonly #address: SocketAddress;
  readonly #run: RunRequest;
  readonly #closeMs: number;
  readonly #open = new Map<Socket, Promise<void>>();
  readonly #unasked = new Set<Socket>();

  private constructor(socketFile: string, address: SocketAddress, run: RunRequest, closeMs: number) {
    this.#socketFile = socketFile;
    this.#address = address;
    this.#run = run;
    this.#closeMs = closeMs;
    // A command that is cancelled ends its side, and is told all the same what became of its work.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /**
   * Called by the holder of the home's lock only: a socket that is there is of a dead engine. A command that has its answer and
   * does not go away (stopped by Ctrl-Z) is waited for `closeMs`.
   */
  static async listen(
    socketFile: string,
    run: RunRequest,
    closeMs: number = usualCloseMs,
  ): Promise<EngineServer> {
    await rm(socketFile, { force: true });
    const address = await socketAddress(socketFile);
    const server = new EngineServer(socketFile, address, run, closeMs);
    server.#server.listen(address.address);
    await once(server.#server, 'listening');
    // The folder is 0700, so nobody came in between.
    await chmod(socketFile, 0o600);
    return server;
  }

  /** Takes no further commands: they wait until the home is free, and are engines of their own. */
  close(): void {
    this.#server.close();
  }

  /** Waits for the commands at work, taking further ones meanwhile, then removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#idle();
    // Closing removes the socket's file too.
    this.close();
    // Whoever has not asked yet goes on elsewhere (runInEngine), the others get their answer.
    for (const socket of this.#unasked) socket.destroy();
    await this.#idle();
    await rm(this.#socketFile, { force: true });
    await this.#address[Symbol.asyncDispose]();
  }

  async #idle(): Promise<void> {
    const atWork = (): Promise<void>[] =>
      [...this.#open].filter(([socket]) => !this.#unasked.has(socket)).map(([, done]) => done);
    while (atWork().length > 0) await Promise.race(atWork());
  }

  #accept(socket: Socket): void {
    this.#unasked.add(socket);
    const answered = this.#answer(socket).finally(() => {
      this.#open.delete(socket);
      this.#unasked.delete(socket);
      socket.destroy();
    });
    this.#open.set(socket, answered);
  }

  async #answer(socket: Socket): Promise<void> {
    const cancel = new AbortController();
    const goneAway = (): void => cancel.abort(new AppError('cancelled', 'The command was cancelled.'));
    socket.on('close', goneAway);
    // A peer that resets is a peer that went away: 'close' follows.
    socket.on('error', () => undefined);
    const lines = linesOf(socket);
    try {
      const request = await firstRequest(lines);
      this.#unasked.delete(socket);
      if (request === undefined) return;
      // Read on, though nothing more is expected: only a socket that is read notices that its peer goes away.
      void readToEnd(lines, goneAway);
      await writeLine(socket, { accepted: true });
      const result = await this.#run(request, {
        signal: cancel.signal,
        onProgress: (progress) => {
          if (!socket.writableNeedDrain) void writeLine(socket, progressLine(progress));
        },
      });
      await writeLine(socket, { result: result ?? null });
    } catch (error) {
      await writeLine(socket, errorLine(error));
    }
    socket.end();
    await closed(socket, this.#closeMs);
  }
}

/** The peer is gone, or its time is over: the system keeps the answer for it. */
async function closed(socket: Socket, closeMs: number): Promise<void> {
  if (socket.destroyed) return;
  try {
    await once(socket, 'close', { signal: AbortSignal.timeout(closeMs) });
  } catch {
    // Its time is over, or it went away before it had read all.
  }
}

async function readToEnd(lines: AsyncGenerator<string>, onEnd: () => void): Promise<void> {
  try {
    while ((await lines.next()).done !== true);
  } catch {
    // The peer is gone, or sends what no command sends.
  }
  onEnd();
}

async function firstRequest(lines: AsyncGenerator<string>): Promise<RequestLine | undefined> {
  const first = await lines.next();
  if (first.done === true) return undefined;
  const request = requestLine.safeParse(JSON.parse(first.value));
  if (request.success && request.data.version === version) return request.data;
  throw new AppError(
    'usage',
    `The engine of this home runs version ${version} and did not understand the command: run it with the same version.`,
  );
}
