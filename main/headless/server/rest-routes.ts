import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { type IdempotencyStore, idempotentRequest } from './idempotency.ts';
import { openApiOf } from './openapi.ts';
import { httpError } from './problem.ts';
import { backupRoutes } from './routes/backup-routes.ts';
import { restoreRoute } from './routes/restore-route.ts';
import type { RestAnswer, RestRequest, Route } from './routes/route.ts';
import { systemRoutes } from './routes/system-routes.ts';
import { taskRoutes } from './routes/task-routes.ts';
import type { ServerContext } from './server-context.ts';

type RestParts = Readonly<{ context: ServerContext; idempotency: IdempotencyStore }>;

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** Adds every route of the API, and a plain refusal for the other methods of their paths. */
export function addRestRoutes(app: FastifyInstance, parts: RestParts): void {
  const described: Route[] = [];
  const routes = [
    ...backupRoutes(parts.context),
    restoreRoute(parts.context),
    ...taskRoutes(parts.context),
    ...systemRoutes(parts.context, () => openApiOf(described)),
  ];
  described.push(...routes);
  for (const route of routes) addRoute(app, route, parts);
  for (const path of new Set(routes.map((route) => route.path))) {
    addOtherMethods(
      app,
      path,
      routes.filter((route) => route.path === path).map(({ method }) => method),
    );
  }
}

/** Refuses every method of a path but those that it has. */
export function addOtherMethods(app: FastifyInstance, path: string, allowed: readonly HTTPMethods[]): void {
  const allow = allowed.join(', ');
  app.route({
    method: methods.filter((method) => !allowed.includes(method)),
    url: urlOf(path),
    // Before a body is read that nobody wants.
    preParsing: async () => {
      const message = `This path takes ${allow} only.`;
      throw new AppError('usage', message, { details: { status: 405, allow } });
    },
    handler: async () => undefined,
  });
}

function addRoute(app: FastifyInstance, route: Route, { idempotency }: RestParts): void {
  const { access, limit, operationId } = route;
  const gate = { access, limitName: operationId, ...(limit === undefined ? {} : { limit }) };
  app.route({
    method: route.method,
    url: urlOf(route.path),
    config: { gate },
    handler: async (request, reply) => {
      const asked = restRequestOf(route, request);
      const key = keyOf(route, request);
      const work = async (): Promise<RestAnswer> => await route.handle(asked);
      const content = { params: asked.params, query: asked.query, body: asked.body };
      const answer =
        key === undefined
          ? await work()
          : await idempotency.run(idempotentRequest(operationId, key, content), work);
      return send(reply, answer);
    },
  });
}

function send(reply: FastifyReply, { status, body, headers = {}, contentType }: RestAnswer): FastifyReply {
  reply.code(status).headers(headers);
  if (body === undefined) return reply.send();
  if (contentType !== undefined) return reply.type(contentType).send(body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function restRequestOf(route: Route, request: FastifyRequest): RestRequest<unknown, unknown, unknown> {
  const { params, query, body } = route;
  return {
    params: checked(params, request.params, 'path'),
    query: checked(query, request.query, 'query'),
    body: checked(body, request.body ?? undefined, 'body'),
    prefersAsync: /(?:^|[,;\s])respond-async(?:$|[,;\s])/iu.test(String(request.headers['prefer'] ?? '')),
  };
}

function checked(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [where, ...(issue?.path ?? [])].map(String).join('.').slice(0, 200);
  throw httpError(
    400,
    'usage',
    `The request is malformed (${place}: ${(issue?.message ?? '').slice(0, 300)}).`,
  );
}

function keyOf({ isIdempotent }: Route, { headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || isIdempotent !== true) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/u.test(key)) return key;
  throw httpError(400, 'usage', 'An Idempotency-Key has 1 to 255 characters, without spaces.');
}

/** `/things/{id}` as fastify writes it. */
function urlOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/gu, ':$1');
}
