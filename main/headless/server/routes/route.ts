import type { z } from 'zod';
import type { RateLimit } from '../rate-limiter.ts';

/** What a route is given: what came, checked by its schemas. */
export type RestRequest<Params, Query, Body> = Readonly<{
  params: Params;
  query: Query;
  body: Body;
  /** `Prefer: respond-async`. */
  prefersAsync: boolean;
}>;

export type RestAnswer = Readonly<{
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** JSON unless said otherwise. */
  contentType?: string;
}>;

type Documented = Readonly<{ description: string; schema?: z.ZodType; contentType?: string }>;

type RouteText = Readonly<{
  method: 'GET' | 'POST' | 'DELETE';
  /** As in OpenAPI: `/things/{id}`. */
  path: string;
  operationId: string;
  summary: string;
  /** `open`: without a token. */
  access: 'open' | 'token';
  /** Replays the answer to a request that comes again with the same `Idempotency-Key`. */
  isIdempotent?: boolean;
  /** May be asked with `Prefer: respond-async`. */
  mayBeAsync?: boolean;
  limit?: RateLimit;
  /** Answers by status; errors are problems, and need no schema. */
  answers: Readonly<Record<number, Documented>>;
  errors: readonly number[];
}>;

type Schemas<Params, Query, Body> = Readonly<{
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  /** A body that may be left out is `undefined` then. */
  body?: z.ZodType<Body>;
}>;

/** One route, of which both server and /openapi.json are made. */
export type Route = RouteText &
  Schemas<unknown, unknown, unknown> &
  Readonly<{ handle: (request: RestRequest<unknown, unknown, unknown>) => Promise<RestAnswer> }>;

/** Ties a route's schemas to the types that its handler sees. */
export function route<Params = undefined, Query = undefined, Body = undefined>(
  made: RouteText &
    Schemas<Params, Query, Body> &
    Readonly<{ handle: (request: RestRequest<Params, Query, Body>) => Promise<RestAnswer> }>,
): Route {
  // The server parses by the schemas that stand beside the handler, which types alone cannot tell.
  return { ...made, handle: async (request) => await made.handle(request as never) };
}
