import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError } from '../../../shared/lib/app-error.ts';
import { version } from '../../platform/version.ts';
import type { OperationOptions } from '../operation.ts';
import { linesOf, writeLine } from './lines.ts';
import { errorLine, progressLine, requestLine, type RequestLine } from './messages.ts';
import { socketAddress, type SocketAddress } from './socket-address.ts';

export type RunRequest = (request: RequestLine, options: OperationOptions) => Promise<unknown>;

/** Answers further commands of the same home over a socket that only its owner can open. */
export class EngineServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #socketFile: string;
  readonly #address: SocketAddress;
  readonly #run: RunRequest;
  readonly #open = new Map<Socket, Promise<void>>();
  readonly #unasked = new Set<Socket>();

  private constructor(socketFile: string, address: SocketAddress, run: RunRequest) {
    this.#socketFile = socketFile;
    this.#address = address;
    this.#run = run;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Called by the holder of the home's lock only: a socket that is there is of a dead engine. */
  static async listen(socketFile: string, run: RunRequest): Promise<EngineServer> {
    await rm(socketFile, { force: true });
    const address = await socketAddress(socketFile);
    const server = new EngineServer(socketFile, address, run);
    server.#server.listen(address.address);
    await once(server.#server, 'listening');
    // The folder is 0700, so nobody came in between.
    await chmod(socketFile, 0o600);
    return server;
  }

  /** Waits for the commands at work, taking further ones meanwhile, then removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#idle();
    // Closing removes the socket's file too.
    this.#server.close();
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
    socket.on('close', () => cancel.abort(new AppError('cancelled', 'The command was cancelled.')));
    // A peer that resets is a peer that went away: 'close' follows.
    socket.on('error', () => undefined);
    const lines = linesOf(socket);
    try {
      const request = await firstRequest(lines);
      this.#unasked.delete(socket);
      if (request === undefined) return;
      // Read on, though nothing more is expected: only a socket that is read notices that its peer went away.
      void readToEnd(lines);
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
