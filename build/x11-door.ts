import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import path from 'node:path';

/** Entries of this machine, and of whatever machine. */
const ownFamilies: readonly number[] = [256, 65_535];
const cookieName = 'MIT-MAGIC-COOKIE-1';

/** What programs of this user show a display of this machine, as Xlib finds it; one that is undefined where there is none. */
export async function cookiesOf(
  number: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly (Buffer | undefined)[]> {
  const file = env['XAUTHORITY'] ?? path.join(env['HOME'] ?? '/', '.Xauthority');
  const fitting = (await entriesIn(file)).filter(
    (entry) =>
      entry.name === cookieName &&
      ownFamilies.includes(entry.family) &&
      (entry.number === '' || entry.number === number),
  );
  return fitting.length === 0 ? [undefined] : fitting.map(({ data }) => data);
}

type Entry = Readonly<{ family: number; number: string; name: string; data: Buffer }>;

async function entriesIn(file: string): Promise<readonly Entry[]> {
  try {
    return [...entriesOf(await readFile(file))];
  } catch {
    // There is none, it is not ours to read, or it is cut off: Xlib goes without one as well.
    return [];
  }
}

/** A family, then address, number, name and data, each with its length before it; big-endian. */
function* entriesOf(content: Buffer): Generator<Entry> {
  let at = 0;
  const next = (): number => {
    at += 2;
    return content.readUInt16BE(at - 2);
  };
  const field = (): Buffer => {
    const length = next();
    at += length;
    return content.subarray(at - length, at);
  };
  while (at < content.length) {
    const family = next();
    field();
    yield { family, number: field().toString(), name: field().toString(), data: field() };
  }
}

/** Whether an X server says no to a client with this cookie. One that says nothing has not. */
export async function isTurnedAway(
  socket: Socket,
  cookie: Buffer | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const [name, data] = cookie === undefined ? ['', Buffer.alloc(0)] : [cookieName, cookie];
  const head = Buffer.alloc(12);
  // Little-endian, protocol 11.0.
  head.write('l');
  head.writeUInt16LE(11, 2);
  head.writeUInt16LE(name.length, 6);
  head.writeUInt16LE(data.length, 8);
  socket.write(Buffer.concat([head, padded(Buffer.from(name)), padded(data)]));
  const [answer]: readonly unknown[] = await Promise.race([
    once(socket, 'data', { signal }),
    once(socket, 'close', { signal }),
  ]);
  return Buffer.isBuffer(answer) && answer[0] === 0;
}

function padded(text: Buffer): Buffer {
  return Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4)]);
}
