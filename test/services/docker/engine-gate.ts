import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Engine } from './engine.ts';

/**
 * A call by its number, from 1, or the first of a name and those that follow it: not passed on yet, passed on and not answered, or done
 * without the caller knowing it.
 */
export type GateMoment = Readonly<{
  call: number | Readonly<{ name: string; plus: number }>;
  when: 'before' | 'within' | 'after';
}>;

/** A socket that passes each call on to an engine, and lets a test act at the very moment of one of them. */
export interface EngineGate {
  readonly socket: string;
  /** Each call since `watch`, as "POST pause", and "POST exec psql" where a program is named. */
  calls(this: void): readonly string[];
  /** Those of them that were passed on. */
  sent(this: void): readonly string[];
  /** Counts anew. `act` is called once, at that moment, and that call gets no answer. */
  watch(this: void, moment?: GateMoment, act?: () => void): void;
}

type Acts = (when: GateMoment['when']) => boolean;

/** Open until the test ends. */
export async function openGate(engine: Engine, socket: string): Promise<EngineGate> {
  let calls: string[] = [];
  let sent: string[] = [];
  let polled = new Set<string>();
  let awaited: Readonly<{ moment: GateMoment; act: () => void }> | undefined;
  const count = (asked: IncomingMessage): Acts => {
    const { method = '', url = '' } = asked;
    // How often it is asked whether a program has ended is the machine's affair.
    if (method === 'GET' && /\/exec\/\w+\/json$/u.test(url)) {
      if (polled.has(url)) return () => false;
      polled.add(url);
    }
    const [own, ownSent] = [calls, sent];
    const call = own.push(nameOf(asked));
    return (when) => {
      // What belongs to an earlier watch is nobody's any more.
      const isIt = own === calls && awaited?.moment.when === when && numberOf(awaited.moment, own) === call;
      if (!isIt && when === 'before') ownSent.push(nameOf(asked));
      if (!isIt || awaited === undefined) return false;
      const { act } = awaited;
      awaited = undefined;
      act();
      return true;
    };
  };
  const server = createServer((asked, answer) => {
    const acts = count(asked);
    const [call, own] = [calls.length - 1, calls];
    if (nameOf(asked) === 'POST exec') void programOf(asked).then((program) => (own[call] += program));
    pass(engine, { asked, answer }, acts);
  });
  server.on('upgrade', (asked: IncomingMessage, caller: Duplex, first: Buffer) =>
    passRaw(engine, { asked, caller, first }, count(asked)),
  );
  server.listen(socket);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    socket,
    calls: () => calls,
    sent: () => sent,
    watch: (moment, act = () => undefined) => {
      calls = [];
      sent = [];
      polled = new Set();
      awaited = moment === undefined ? undefined : { moment, act };
    },
  };
}

/** Of the call that is meant, among those that came so far; 0 while it has not come. */
function numberOf({ call }: GateMoment, calls: readonly string[]): number {
  if (typeof call === 'number') return call;
  const index = calls.indexOf(call.name);
  return index === -1 ? 0 : index + 1 + call.plus;
}

/** Method, and the last word of the path. */
function nameOf({ method = '', url = '' }: IncomingMessage): string {
  return `${method} ${url.replace(/\?.*$/u, '').split('/').at(-1) ?? ''}`;
}

/** What is to be run, with a space before it. */
async function programOf(asked: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  asked.on('data', (part: Buffer) => void parts.push(part));
  await once(asked, 'end');
  const { Cmd } = z.object({ Cmd: z.array(z.string()) }).parse(JSON.parse(Buffer.concat(parts).toString()));
  return ` ${Cmd[0] ?? ''}`;
}

type Call = Readonly<{ asked: IncomingMessage; answer: ServerResponse }>;

function pass({ socket: socketPath }: Engine, { asked, answer }: Call, acts: Acts): void {
  if (acts('before')) {
    asked.destroy();
    return;
  }
  const { method, url: path } = asked;
  // Of this hop alone.
  const { connection: _connection, ...headers } = asked.headers;
  const passed = request({ socketPath, method, path, headers }, (answered) => {
    if (acts('after') || answer.destroyed) {
      answered.resume();
      asked.destroy();
      return;
    }
    answer.writeHead(answered.statusCode ?? 0, answered.rawHeaders);
    answered.pipe(answer);
  });
  // One side that goes takes the other along.
  passed.on('error', () => answer.destroy());
  let isSent = false;
  passed.on('finish', () => {
    isSent = true;
    acts('within');
  });
  // What was sent is done, whoever waits for it; and its connection may serve the next call by then.
  answer.on('close', () => {
    if (!isSent) passed.destroy();
  });
  asked.pipe(passed);
}

type RawCall = Readonly<{ asked: IncomingMessage; caller: Duplex; first: Buffer }>;

/** A call that becomes a connection: it is answered by its first bytes. */
function passRaw({ socket }: Engine, { asked, caller, first }: RawCall, acts: Acts): void {
  if (acts('before')) {
    caller.destroy();
    return;
  }
  const passed = connect({ path: socket, allowHalfOpen: true });
  const names = asked.rawHeaders.filter((_, index) => index % 2 === 0);
  const lines = names.map((name, index) => `${name}: ${asked.rawHeaders[index * 2 + 1] ?? ''}`);
  passed.write([`${asked.method ?? ''} ${asked.url ?? ''} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  passed.write(first);
  passed.once('data', () => acts('within'));
  passed.once('end', () => acts('after'));
  passed.on('error', () => caller.destroy());
  caller.on('error', () => passed.destroy());
  caller.on('close', () => passed.destroy());
  caller.pipe(passed).pipe(caller);
}
