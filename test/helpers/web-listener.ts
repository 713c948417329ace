import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Heard = Readonly<{
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}>;

export type WebListener = {
  readonly url: string;
  /** All that was asked for, in order. */
  readonly heard: Heard[];
  /** The status of the answers; 0 hangs. */
  status: number;
  /** Resolves when so many requests have come. */
  readonly waitFor: (count: number) => Promise<void>;
};

/** A server on loopback that remembers what it is sent, for the running test. */
export async function webListener(): Promise<WebListener> {
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      heard.push({ method, path: url, headers, body: Buffer.concat(parts).toString('utf8') });
      for (const wake of waiting) wake();
      if (listener.status !== 0) response.writeHead(listener.status).end('{"secret":"of the server"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  const waitFor = async (count: number): Promise<void> => {
    while (heard.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  const listener: WebListener = { url: `http://127.0.0.1:${port}`, heard, status: 200, waitFor };
  return listener;
}
