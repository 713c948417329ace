import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { OperationOptions } from '../operation.ts';
import { linesOf, writeLine } from './lines.ts';
import { replyLine, type RequestLine } from './messages.ts';
import { socketAddress } from './socket-address.ts';

const usualAcceptMs = 10_000;

type Answer = Readonly<{ result: unknown }>;

/**
 * Runs an operation in the engine that holds this home. Undefined when nobody takes it at the socket: the engine is
 * starting, ending, dead or stopped (Ctrl-Z), nothing was done, and the caller tries the lock again. An engine takes a request at
 * once: it is waited for `acceptMs`.
 */
export async function runInEngine(
  socketFile: string,
  request: RequestLine,
  options: OperationOptions,
  acceptMs = usualAcceptMs,
): Promise<Answer | undefined> {
  const socket = await open(socketFile);
  if (socket === undefined) return undefined;
  // The engine is told by the end of our side, and tells what became of the work: it may be done by then.
  const cancel = (): void => void socket.end();
  // What goes wrong with the socket is told by the reading of it.
  socket.on('error', () => undefined);
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    await writeLine(socket, request);
    if (options.signal.aborted) cancel();
    return await lastReply(socket, options, acceptMs);
  } finally {
    options.signal.removeEventListener('abort', cancel);
    socket.destroy();
  }
}

async function open(socketFile: string): Promise<Socket | undefined> {
  await using address = await socketAddress(socketFile);
  const socket = connect(address.address);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.destroy();
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EAGAIN')) return undefined;
    throw error;
  }
}

async function lastReply(
  socket: Socket,
  options: OperationOptions,
  acceptMs: number,
): Promise<Answer | undefined> {
  let isAccepted = false;
  const timer = setTimeout(() => socket.destroy(), acceptMs);
  try {
    for await (const line of linesOf(socket)) {
      const reply = replyLine.parse(JSON.parse(line));
      if ('accepted' in reply) {
        isAccepted = true;
        clearTimeout(timer);
      } else if ('progress' in reply) {
        options.onProgress({ ...reply.progress, total: reply.progress.total });
      } else if ('error' in reply) {
        const { kind, message, details } = reply.error;
        throw new AppError(kind, message, { details });
      } else {
        return reply;
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    options.signal.throwIfAborted();
    if (!hasCode(error, 'ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  } finally {
    clearTimeout(timer);
  }
  options.signal.throwIfAborted();
  if (!isAccepted) return undefined;
  throw new AppError('failed', 'The engine of this home ended before it answered: run the command again.');
}
