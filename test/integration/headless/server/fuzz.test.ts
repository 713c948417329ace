import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problem } from '../../../../main/headless/server/problem.ts';
import { type Answer, type Asked, sharedRestLab } from '../../../helpers/rest-lab.ts';

let nowMs = Date.now();
/** Every request in a minute of its own: limits are tested elsewhere. */
const shared = sharedRestLab({ isSetUp: true, now: () => nowMs });

const openApi = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z.array(z.object({ name: z.string(), in: z.string() })),
        requestBody: z.object({}).optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

type Paths = z.infer<typeof openApi>['paths'];
let paths: Paths = {};

beforeAll(async () => {
  paths = openApi.parse((await shared().ask({ path: '/openapi.json' })).json).paths;
});

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK'];
const ids = [
  'a1b2c3d4e5f6',
  '000000000000',
  'A1B2C3D4E5F6',
  '..',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%00',
  'a'.repeat(129),
  'a'.repeat(5000),
  '💾',
  'a1b2c3d4e5f6%20',
  '0'.repeat(32),
];
const anyId = fc.oneof(fc.constantFrom(...ids), fc.string({ maxLength: 40 }));
const bodies = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    undefined,
    '',
    '{',
    '[]',
    'null',
    '{"__proto__":{"confirm":true}}',
    '{"constructor":{"prototype":{}}}',
    '\u0000',
    `{"note":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    { confirm: true },
    { backup_id: '000000000000', confirm: true },
    { backup_id: '000000000000', confirm: 'yes' },
    { backup_id: '../../x', confirm: true },
    { backup_id: '000000000000', confirm: true, components: [] },
    { backup_id: '000000000000', confirm: true, components: ['../etc'] },
    { backup_id: '000000000000', confirm: false },
    { components: ['nothing'] },
    { components: 'persistence' },
    { agents: ['no such agent'] },
    { note: 'x'.repeat(3000) },
    { note: 'x'.repeat(1024 * 1024 + 1) },
    { unknown: 1 },
  ),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'prefer',
    'idempotency-key',
    'accept',
    'range',
    'expect',
    'if-match',
    'x-http-method-override',
  ),
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'text/plain',
      'application/xml',
      'respond-async',
      'bytes=0-1',
      '*/*',
      'DELETE',
      '',
    ),
    fc.string({ unit: fc.constantFrom('a', 'b', ' ', ';', '=', ',', '"'), maxLength: 300 }),
  ),
  { maxKeys: 3 },
);
const queries = fc.dictionary(
  fc.constantFrom('limit', 'cursor', 'other'),
  fc.oneof(
    fc.constantFrom('0', '-1', '1e9', '50', 'NaN', '', 'eyJ9', 'WzEsMl0'),
    fc.string({ maxLength: 30 }),
  ),
  { maxKeys: 2 },
);

/** The documented statuses of a path and method; of a method that the path has not, 405 alone. */
function documented(path: string, method: string): readonly number[] {
  const operation = paths[path]?.[method.toLowerCase()];
  return operation === undefined ? [405] : Object.keys(operation.responses).map(Number);
}

const hostPath = /(?<![\w.])\/(?:tmp|home|root|var|usr|etc|work|opt)\//u;

/** What is wrong with an answer; nothing when it is as documented. */
function faultsOf(answer: Answer, method: string, allowed: readonly number[]): readonly string[] {
  const { status, text, headers: answered, json } = answer;
  const faults: string[] = [];
  if (!allowed.includes(status))
    faults.push(`status ${String(status)}, documented are ${allowed.join(', ')}`);
  if (text.includes(shared().base)) faults.push('names a folder of the host');
  if (status < 400 || method === 'HEAD') return faults;
  const said = problem.safeParse(json).data;
  const type = answered['content-type'];
  if (said?.status !== status || type !== 'application/problem+json; charset=utf-8')
    faults.push('no problem body');
  if (hostPath.test(said?.detail ?? '')) faults.push(`names a path: ${said?.detail ?? ''}`);
  if (/\bat [^ ]+ \(|node_modules|\.ts:\d|\.js:\d/u.test(text)) faults.push('shows a stack');
  return faults;
}

describe('every route of /openapi.json', () => {
  it('says what it documents to whatever comes, as a problem without stack or host path', async () => {
    const request = fc.record({
      path: fc.constantFrom(...Object.keys(paths)),
      method: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('GET', 'POST', 'DELETE') },
        fc.constantFrom(...methods),
      ),
      id: anyId,
      query: queries,
      headers,
      body: bodies,
    });
    await fc.assert(
      fc.asyncProperty(request, async (given) => {
        nowMs += 120_000;
        const { method, body } = given;
        const where = given.path.replaceAll(
          /\{\w+\}/gu,
          ids.includes(given.id) && given.id.includes('%') ? given.id : encodeURIComponent(given.id),
        );
        const query = new URLSearchParams(given.query).toString();
        const asked: Asked = {
          method,
          path: query === '' ? where : `${where}?${query}`,
          headers: given.headers,
          ...(method === 'GET' || method === 'HEAD' || method === 'TRACE' ? {} : { body }),
        };
        const answer = await shared().ask(asked);
        const isPlace = given.path.includes('{');
        // An id that ends the path, or is none, is another path.
        const others = isPlace ? [400, 404, 405, 414] : [];
        // Of methods that HTTP servers need not know.
        const strange = ['PROPFIND', 'LOCK'].includes(method) ? [404] : [];
        const allowed = [...documented(given.path, method), ...others, ...strange];
        expect(faultsOf(answer, method, allowed)).toEqual([]);
      }),
      { seed: 20261122, numRuns: 800, endOnFailure: true },
    );
    expect(shared().unexpected).toEqual([]);
  });

  it('refuses a body over 1 MiB with 413', async () => {
    for (const [path, operations] of Object.entries(paths)) {
      if (operations['post'] === undefined) continue;
      nowMs += 120_000;
      const asked = { method: 'POST', path, body: { note: 'x'.repeat(1024 * 1024) } };
      const answer = await shared().ask(asked);
      expect(faultsOf(answer, 'POST', [413])).toEqual([]);
    }
  });

  it('describes every route that there is, with a token for all but one', () => {
    expect(Object.keys(paths).toSorted()).toEqual([
      '/api/v1/admin/backups',
      '/api/v1/admin/backups/restore',
      '/api/v1/admin/backups/{id}',
      '/api/v1/admin/tasks/{id}',
      '/health',
      '/metrics',
      '/openapi.json',
    ]);
  });
});
