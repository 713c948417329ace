import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { tempFolder } from '../helpers/temp-folder.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on a socket that answers as it is told: for what no real engine can be made to do. Gives the address. */
export async function fakeEngine(
  handler: Handler,
  onUpgrade?: (request: IncomingMessage, socket: Duplex) => void,
  at?: string,
): Promise<string> {
  const socket = at ?? path.join(await tempFolder(), 's');
  const server = createServer(handler);
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `unix://${socket}`;
}

/** An answer of JSON. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
