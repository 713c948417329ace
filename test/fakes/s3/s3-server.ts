import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { errorAnswer, readRequest, sendAnswer } from './exchange.ts';
import type { S3Answer, S3Backend, S3Request } from './exchange.ts';
import { noFaults } from './faults.ts';
import type { Fault, FaultPlan } from './faults.ts';

export type S3Server = {
  readonly endpoint: string;
  /** May be changed at any time. */
  plan: FaultPlan;
  /** Every request that came, in its order. */
  readonly requests: S3Request[];
};

/** For TLS, as PEM. */
type Identity = Readonly<{ key: string; cert: string }>;

/** An S3 service on the loopback address that answers as its backend does, and meets the faults of its plan; gone after the test. */
export async function startS3Server(backend: S3Backend, identity?: Identity): Promise<S3Server> {
  const http = identity === undefined ? createServer() : createTlsServer(identity);
  const server: S3Server = { endpoint: '', plan: noFaults, requests: [] };
  http.on('request', (message, response) => {
    void serve({ message, response, backend, server }).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(server, {
    endpoint: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}`,
  });
}

type Exchange = Readonly<{
  message: IncomingMessage;
  response: ServerResponse;
  backend: S3Backend;
  server: S3Server;
}>;

async function serve({ message, response, backend, server }: Exchange): Promise<void> {
  let request: S3Request;
  try {
    request = await readRequest(message);
  } catch {
    // The other side has given up.
    return;
  }
  server.requests.push(request);
  const fault = server.plan(request, server.requests.length);
  const isHead = request.method === 'HEAD';
  if (fault === undefined) sendAnswer(response, await backend(request), isHead);
  else await meet(fault, { request, response, backend });
}

async function meet(
  fault: Fault,
  {
    request,
    response,
    backend,
  }: Readonly<{ request: S3Request; response: ServerResponse; backend: S3Backend }>,
): Promise<void> {
  const isHead = request.method === 'HEAD';
  switch (fault.kind) {
    case 'answer':
      return sendAnswer(response, errorAnswer(fault.status, fault.code ?? 'Fault', fault.headers), isHead);
    case 'answer-done':
      await backend(request);
      return sendAnswer(response, errorAnswer(fault.status, fault.code ?? 'Fault'), isHead);
    case 'lie':
      return sendAnswer(response, { status: 200, headers: { etag: '"lie"' }, body: Buffer.alloc(0) }, isHead);
    case 'hold':
      await fault.until;
      return sendAnswer(response, await backend(request), isHead);
    case 'reset':
      await fault.until;
      if (fault.when === 'after') await backend(request);
      response.destroy();
      return;
    case 'stall':
      if (fault.when === 'after') await backend(request);
      return;
    case 'truncate':
    case 'freeze':
      return cutShort(response, fault, await backend(request));
  }
}

function cutShort(
  response: ServerResponse,
  fault: Extract<Fault, { kind: 'truncate' | 'freeze' }>,
  { status, headers, body }: S3Answer,
): void {
  const part = body.subarray(0, fault.bytes);
  const isSaid = fault.kind === 'truncate' && fault.says === 'part';
  response.writeHead(status, { ...headers, 'content-length': String(isSaid ? part.length : body.length) });
  response.write(part);
  if (fault.kind === 'freeze') return;
  if (isSaid) response.end();
  // Once it is on its way.
  else setTimeout(() => response.destroy(), 20);
}
