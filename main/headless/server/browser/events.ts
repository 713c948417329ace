import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { AppEvent } from '../../../../shared/model/events.ts';
import type { Application } from '../../../app/application.ts';
import type { Clock } from '../../../platform/clock.ts';
import { httpError } from '../problem.ts';
import { addOtherMethods } from '../rest-routes.ts';

const mostStreams = 32;
const heartbeatMs = 60_000;
/** An event, since pages hear of no comments: they take a line that is silent for one that is dead. */
const beat = 'event: beat\ndata: 1\n\n';
/** A page that does not read on is cut off: it comes again, and is told the last of everything. */
const mostUnreadBytes = 1024 * 1024;

/** What happens, as server-sent events: the last of each first, then all that comes. */
export function addEvents(
  app: FastifyInstance,
  { events, clock }: Pick<Application, 'events' | 'clock'>,
): void {
  let open = 0;
  app.get('/events', async (_request, reply) => {
    if (open >= mostStreams) throw httpError(429, 'busy', 'Too many pages are open: close some.');
    open += 1;
    reply.hijack();
    const { raw } = reply;
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) raw.setHeader(name, value);
    }
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    // At once, so that the page knows that it is connected.
    raw.write(':\n\n');
    const parts = new DisposableStack();
    raw.on('close', () => {
      open -= 1;
      parts.dispose();
    });
    parts.use(events.subscribe((event) => tell(raw, event)));
    parts.use(heartbeat(clock, () => raw.write(beat)));
  });
  addOtherMethods(app, '/events', ['GET']);
}

function tell(raw: ServerResponse, { name, event }: AppEvent): void {
  if (raw.writableLength > mostUnreadBytes) {
    raw.destroy();
    return;
  }
  // Progress that is late is of no use.
  if (name === 'runProgress' && raw.writableNeedDrain) return;
  raw.write(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** Tells programs on the way, and a page whose other side is gone, that the stream lives. */
function heartbeat({ after }: Clock, tellOne: () => void): Disposable {
  let timer = after(heartbeatMs, next);
  function next(): void {
    tellOne();
    timer = after(heartbeatMs, next);
  }
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
