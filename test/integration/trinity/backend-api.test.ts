import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BackendApi, backendPlace } from '../../../main/trinity/backend-api.ts';
import { rejectionOf } from '../../helpers/rejection.ts';

const { signal } = new AbortController();
const password = 'correct horse battery';

type Answer = Readonly<{ status: number; body: unknown }>;

/** A backend that answers as told; what is not named is 404. */
async function backend(
  answers: Readonly<Record<string, Answer>>,
): Promise<Readonly<{ api: BackendApi; asked: string[] }>> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const what = `${request.method ?? ''} ${request.url ?? ''}`;
    asked.push(what);
    const { status, body } = answers[what] ?? { status: 404, body: { detail: 'Not Found' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { api: new BackendApi({ url: `http://127.0.0.1:${String(port)}`, user: 'admin', password }), asked };
}

const signedIn = {
  'POST /api/token': { status: 200, body: { access_token: 'a-token', token_type: 'bearer' } },
};

describe('BackendApi', () => {
  it('tells a backend that is healthy, one that has to migrate, and one that is neither', async () => {
    const healthy = await backend({ 'GET /health': { status: 200, body: { status: 'healthy' } } });
    expect(await healthy.api.health(signal)).toEqual({ state: 'healthy' });
    const body = { status: 'unhealthy', migrations: { pending: ['0042_next'] } };
    const migrating = await backend({ 'GET /health': { status: 503, body } });
    expect(await migrating.api.healthWithin(0, signal)).toEqual({ state: 'migrating', pending: '0042_next' });
    const broken = await backend({ 'GET /health': { status: 500, body: 'no' } });
    expect(await broken.api.health(signal)).toMatchObject({ state: 'unhealthy' });
    const nobody = new BackendApi({ url: 'http://127.0.0.1:1', user: '', password: '' });
    expect(await nobody.health(signal)).toMatchObject({ state: 'unhealthy' });
  });

  it('signs in once for several calls', async () => {
    const { api, asked } = await backend({
      ...signedIn,
      'POST /api/agents/echo/start': { status: 200, body: {} },
      'POST /api/agents/echo/stop': { status: 200, body: {} },
    });
    await api.startAgent('echo', signal);
    await api.stopAgent('echo', signal);
    expect(asked.filter((what) => what === 'POST /api/token')).toHaveLength(1);
  });

  it.each([
    [{ status: 403, body: { detail: 'mfa_required' } }, 'a second factor'],
    [{ status: 401, body: { detail: 'no' } }, 'does not take ADMIN_PASSWORD'],
    [{ status: 200, body: { token: 'elsewhere' } }, 'status 200'],
  ])('says why it is not let in, and never the password', async (answer, why) => {
    const { api } = await backend({ 'POST /api/token': answer });
    const error = await rejectionOf(api.startAgent('echo', signal));
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(why) });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(password);
  });

  it('names what Trinity could not do', async () => {
    const { api } = await backend({
      ...signedIn,
      'POST /api/agents': { status: 409, body: { detail: 'exists' } },
    });
    expect(await rejectionOf(api.createAgent('echo', signal))).toMatchObject({
      kind: 'failed',
      details: { status: 409 },
    });
    expect(await rejectionOf(api.recoverAgent('../x', signal))).toMatchObject({ kind: 'not-found' });
  });
});

describe('backendPlace', () => {
  it('goes by the published port, else by the usual one', () => {
    const port = { containerPort: '8000/tcp', hostIp: '0.0.0.0', hostPort: '8100' };
    expect(backendPlace({ publishedPorts: [port] }, new Map())).toMatchObject({
      url: 'http://127.0.0.1:8100',
      user: 'admin',
    });
    expect(backendPlace({ publishedPorts: [{ ...port, hostIp: '::1' }] }, new Map()).url).toBe(
      'http://[::1]:8100',
    );
    expect(backendPlace(undefined, new Map([['ADMIN_USERNAME', 'root']]))).toEqual({
      url: 'http://127.0.0.1:8000',
      user: 'root',
      password: '',
    });
  });
});
