import type { FastifyInstance } from 'fastify';
import type { Application } from '../../../app/application.ts';
import type { ApiToken } from '../api-token.ts';
import { noSession } from '../gate.ts';
import { addOtherMethods } from '../rest-routes.ts';
import { antiForgeryOf, type BrowserSessions } from './browser-sessions.ts';
import { addCalls } from './calls.ts';
import { addEvents } from './events.ts';
import { addPages } from './pages.ts';
import { sessionCookieOf, setCookieText } from './session-cookie.ts';

export type BrowserParts = Readonly<{
  application: Application;
  token: ApiToken;
  sessions: BrowserSessions;
  pagesFolder: string | undefined;
}>;

/** What only browsers use: the way in, calls, events, pages. */
export async function addBrowserDoors(app: FastifyInstance, parts: BrowserParts): Promise<void> {
  addOpen(app, parts);
  addSession(app, parts);
  addCalls(app, parts.application);
  addEvents(app, parts.application);
  if (parts.pagesFolder !== undefined) await addPages(app, parts.pagesFolder);
}

/** The one-time link. It leads on by a page of ours: a cookie that is `Strict` does not follow a redirect from elsewhere. */
function addOpen(app: FastifyInstance, { token, sessions }: BrowserParts): void {
  const gate = { access: 'open', limit: { most: 60, withinMs: 60_000 }, limitName: 'open' } as const;
  app.get<{ Params: { code: string } }>('/open/:code', { config: { gate } }, async (request, reply) => {
    const current = await token.read();
    const cookie = sessions.redeem(request.params.code, current);
    if (cookie === undefined) throw noSession();
    reply.header('set-cookie', setCookieText(cookie, current)).type('text/html; charset=utf-8');
    return await reply.send(onwardPage);
  });
  addOtherMethods(app, '/open/{code}', ['GET']);
}

const onwardPage =
  '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><title>Trinity Backup</title>' +
  '<p><a href="/">Open Trinity Backup</a></p>';

/** Tells a page what it has to send with its writes. */
function addSession(app: FastifyInstance, { token }: BrowserParts): void {
  app.get('/session', async (request, reply) => {
    const current = await token.read();
    const cookie = sessionCookieOf(request.headers.cookie, current);
    if (cookie === undefined) throw noSession();
    return await reply.send({ antiForgery: antiForgeryOf(cookie, current) });
  });
  addOtherMethods(app, '/session', ['GET']);
}
