import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ApiToken } from './api-token.ts';
import { antiForgeryOf, type BrowserSessions, isSame } from './browser/browser-sessions.ts';
import { sessionCookieOf } from './browser/session-cookie.ts';
import { isLoopbackHost, isOfOtherPage } from './loopback-host.ts';
import { httpError } from './problem.ts';
import type { RateLimit, RateLimiter } from './rate-limiter.ts';

/** What a route says of who may come in; without it a token is needed. */
export type GateConfig = Readonly<{ access?: 'open' | 'token'; limit?: RateLimit; limitName?: string }>;

declare module 'fastify' {
  interface FastifyContextConfig {
    gate?: GateConfig;
  }
}

/** Rejects for whoever may not come in. */
export type Gate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
export type GateParts = Readonly<{ token: ApiToken; sessions: BrowserSessions; limiter: RateLimiter }>;

/** A page that is open asks a lot; a program that asks more than this is in a loop. */
const anyRequest: RateLimit = { most: 1200, withinMs: 60_000 };
/** Each window that is opened asks for some dozens of files at once. */
const anyFile: RateLimit = { most: 12_000, withinMs: 60_000 };
export const antiForgeryHeader = 'x-trinity-backup';

/** Of every answer, whatever it says. */
export const strictHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/**
 * Stands before everything, also before what is not there: loopback by name, no page of others, not too often, and with a token or a
 * cookie. Who has neither is counted apart: however often a stranger asks, nobody else is kept out.
 */
export function newGate(parts: GateParts): Gate {
  return async (request, reply) => {
    reply.headers(strictHeaders);
    if (!isLoopbackHost(request.headers.host)) throw foreignHost();
    if (isOfOtherPage(request.headers)) throw forged();
    // What is not there has no route, and so no configuration.
    const gate = request.is404 ? undefined : request.routeOptions.config.gate;
    const isOpen = gate?.access === 'open';
    const problem = isOpen ? undefined : await entryProblem(request, parts);
    if (isOpen || problem !== undefined) requireTurn(parts.limiter, 'strangers', anyRequest);
    else if (isAsset(request)) requireTurn(parts.limiter, 'files', anyFile);
    else requireTurn(parts.limiter, 'known', anyRequest);
    if (problem !== undefined) throw problem;
    if (gate?.limit !== undefined) requireTurn(parts.limiter, gate.limitName ?? '', gate.limit);
  };
}

/** A file of the pages that is there: each is a route of its own. */
function isAsset({ is404, routeOptions }: FastifyRequest): boolean {
  return !is404 && routeOptions.url?.startsWith('/assets/') === true;
}

function requireTurn(limiter: RateLimiter, name: string, limit: RateLimit): void {
  const retryAfter = limiter.take(name, limit);
  if (retryAfter === undefined) return;
  const message = `Too many requests: wait ${String(retryAfter)} s.`;
  throw new AppError('busy', message, { details: { status: 429, retryAfter } });
}

/** Why somebody may not come in; undefined for who may. */
async function entryProblem(
  { headers: { authorization, cookie: cookies, [antiForgeryHeader]: proof }, method }: FastifyRequest,
  { token, sessions }: GateParts,
): Promise<AppError | undefined> {
  const current = await token.read();
  if (authorization !== undefined) {
    const given = /^Bearer ([\x21-\x7e]+)$/iu.exec(authorization)?.[1] ?? '';
    return isSame(given, current) ? undefined : noSession();
  }
  const cookie = sessionCookieOf(cookies, current);
  if (cookie === undefined || !sessions.isValid(cookie, current)) return noSession();
  if (method === 'GET') return undefined;
  const isOurs = typeof proof === 'string' && isSame(proof, antiForgeryOf(cookie, current));
  return isOurs ? undefined : forged();
}

function foreignHost(): AppError {
  return httpError(403, 'refused', 'Only requests to localhost or a loopback address are answered here.');
}

export function noSession(): AppError {
  const message =
    'Send the token of the file api-token in the home folder, or open the link that serve printed.';
  return httpError(401, 'refused', message);
}

function forged(): AppError {
  return httpError(403, 'refused', 'This request does not come from the pages of this service: reload them.');
}
