import { z } from 'zod';
import { version } from '../../platform/version.ts';
import { problem } from './problem.ts';
import type { Route } from './routes/route.ts';

type Json = Readonly<Record<string, unknown>>;

const errorTexts: Readonly<Record<number, string>> = {
  400: 'Malformed.',
  401: 'No token, or not this one.',
  403: 'The Host is not loopback, or the entitlement is missing that `entitlement` names.',
  404: 'Not found.',
  405: 'Not with this method.',
  409: 'Another run is going on, or this one was cancelled.',
  413: 'The body is over 1 MiB.',
  415: 'The body is not JSON.',
  422: 'Understood, but not to be done: a confirmation is missing, the backup is damaged, or it is refused.',
  429: 'Too many requests: wait for `Retry-After` seconds.',
  500: 'It failed.',
  503: 'The vault cannot be reached or opened just now.',
};

/** What the server answers on any route whatever its handler does. */
export function usualErrors(route: Route): readonly number[] {
  const hasInput = route.params !== undefined || route.query !== undefined || route.body !== undefined;
  const isTaken = route.body !== undefined || route.method === 'DELETE';
  return [
    403,
    405,
    429,
    500,
    ...(route.access === 'token' ? [401] : []),
    ...(hasInput || route.isIdempotent === true ? [400] : []),
    ...(isTaken ? [400, 413, 415] : []),
    ...(route.isIdempotent === true ? [409, 422] : []),
  ];
}

/** The description of the API, made of the very routes and schemas that the server runs. */
export function openApiOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trinity Backup',
      version,
      description: 'On loopback only. The token is in the file api-token of the home folder.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
}

function operationOf(route: Route): Json {
  const errors = [...new Set([...route.errors, ...usualErrors(route)])].toSorted((one, other) => one - other);
  return {
    operationId: route.operationId,
    summary: route.summary,
    security: route.access === 'open' ? [] : [{ token: [] }],
    parameters: parametersOf(route),
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, answerOf(answer)]),
      ),
      ...Object.fromEntries(errors.map((status) => [status, errorOf(status)])),
    },
  };
}

function parametersOf(route: Route): readonly Json[] {
  return [
    ...propertiesOf(route.params).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
    ...propertiesOf(route.query).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
    ...(route.isIdempotent === true
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            description: 'The same request with the same key within a day is answered again, not done again.',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ]
      : []),
    ...(route.mayBeAsync === true
      ? [
          {
            name: 'Prefer',
            in: 'header',
            required: false,
            schema: { type: 'string', const: 'respond-async' },
          },
        ]
      : []),
  ];
}

function propertiesOf(schema: z.ZodType | undefined): readonly (readonly [string, unknown])[] {
  const { properties } = schema === undefined ? {} : schemaOf(schema, 'input');
  return typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
}

function bodyOf(schema: z.ZodType): Json {
  return {
    required: !schema.safeParse(undefined).success,
    content: { 'application/json': { schema: schemaOf(schema, 'input') } },
  };
}

function answerOf(answer: Route['answers'][number]): Json {
  const { description, schema, contentType = 'application/json' } = answer;
  if (schema === undefined && answer.contentType === undefined) return { description };
  const content = schema === undefined ? { type: 'string' } : schemaOf(schema, 'output');
  return { description, content: { [contentType]: { schema: content } } };
}

function errorOf(status: number): Json {
  return {
    description: errorTexts[status] ?? 'Error.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
