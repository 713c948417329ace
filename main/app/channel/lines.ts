import type { Socket } from 'node:net';
import { AppError } from '../../../shared/lib/app-error.ts';

const maxLineBytes = 64 * 1024 * 1024;

/** Lines of a socket until its end; `failed` when one is larger than 64 MiB. */
export async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  let size = 0;
  // Its end is no end of ours: an answer may still have to go the other way.
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    let rest: Buffer = piece;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...pieces, rest.subarray(0, end)]).toString('utf8');
      rest = rest.subarray(end + 1);
      pieces = [];
      size = 0;
    }
    size += rest.length;
    if (size > maxLineBytes) throw new AppError('failed', 'The other side sent a line that is too long.');
    if (rest.length > 0) pieces.push(rest);
  }
}

/** Writes one JSON document as a line; waits while the other side does not read. */
export async function writeLine(socket: Socket, document: unknown): Promise<void> {
  if (socket.destroyed) return;
  if (socket.write(`${JSON.stringify(document)}\n`)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
