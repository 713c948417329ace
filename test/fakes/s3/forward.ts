import { request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { S3Answer, S3Backend } from './exchange.ts';

/** Passes each request on to the service behind, as it was signed, and its answer back. */
export function forwardTo(endpoint: string): S3Backend {
  return async ({ method, address, headers, body }): Promise<S3Answer> => {
    const outgoing = httpRequest(`${endpoint}${address}`, { method, headers, agent: false });
    // Swift ends an answer without a body (204) as if it had one: what comes after the answer is of no interest.
    outgoing.on('error', () => undefined);
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]; // what this event brings
    const { 'transfer-encoding': _chunked, connection: _kept, ...kept } = answer.headers;
    const given = Object.entries(kept).map(([name, value]) => [name, String(value)]);
    return { status: answer.statusCode ?? 0, headers: Object.fromEntries(given), body: await buffer(answer) };
  };
}
