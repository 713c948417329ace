import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { newApiToken } from '../../../../main/app/home/api-token.ts';
import { RestLab, sharedRestLab } from '../../../helpers/rest-lab.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

let nowMs = Date.now();
const shared = sharedRestLab({ isSetUp: false, now: () => nowMs, pagesFolder: writePages });

function writePages(base: string): string {
  const folder = path.join(base, 'pages');
  mkdirSync(path.join(folder, 'assets'), { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>pages</title>');
  writeFileSync(path.join(folder, 'assets/app.js'), 'export {};');
  writeFileSync(path.join(folder, '.hidden'), 'hidden');
  writeFileSync(path.join(base, 'beside.txt'), 'beside');
  return folder;
}

const everyDoor = [
  ['GET', '/metrics'],
  ['GET', '/openapi.json'],
  ['GET', '/api/v1/admin/backups'],
  ['POST', '/api/v1/admin/backups'],
  ['POST', '/api/v1/admin/backups/restore'],
  ['GET', '/api/v1/admin/backups/a1b2c3d4e5f6'],
  ['DELETE', '/api/v1/admin/backups/a1b2c3d4e5f6'],
  ['GET', `/api/v1/admin/tasks/${'0'.repeat(32)}`],
  ['DELETE', `/api/v1/admin/tasks/${'0'.repeat(32)}`],
  ['POST', '/ipc/status.get'],
  ['GET', '/events'],
  ['GET', '/session'],
  ['GET', '/'],
  ['GET', '/assets/app.js'],
  ['GET', '/open/made-up'],
  ['GET', '/nothing/here'],
  ['GET', '/%'],
  ['GET', `/api/v1/admin/backups/${'a'.repeat(9000)}`],
  ['PROPFIND', '/'],
  ['PUT', '/api/v1/admin/backups'],
  ['OPTIONS', '/api/v1/admin/backups'],
  ['HEAD', '/'],
] as const;

const strangers: readonly Readonly<Record<string, string>>[] = [
  {},
  { authorization: 'Bearer wrong' },
  { authorization: 'Bearer ' },
  { authorization: 'Basic YTpi' },
  { cookie: 'trinity_backup_00000000=1.a.b' },
  { cookie: 'x='.repeat(500) },
];

describe('who may come in', () => {
  it.each(everyDoor)('nobody without a token, at %s %s', async (method, where) => {
    nowMs += 60_000;
    for (const headers of strangers) {
      const { status, text } = await shared().ask({ method, path: where, headers, isKnown: false });
      expect({ status, headers }).toEqual({ status: 401, headers });
      expect(text).not.toContain(shared().base);
    }
  });

  it('everybody at /health, which tells nothing of the host', async () => {
    const { status, json } = await shared().ask({ path: '/health', isKnown: false });
    expect(status).toBe(200);
    expect(json).toEqual({ status: 'ok', version: expect.any(String) });
  });

  it('keeps the token for its owner, and takes another from the next request on', async () => {
    const lab = new RestLab(await tempFolder());
    await lab.start();
    const file = lab.application.engine.home.apiTokenFile;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await lab.ask({ path: '/metrics' })).status).toBe(200);
    const other = await newApiToken(file);
    expect((await lab.ask({ path: '/metrics' })).status).toBe(401);
    const headers = { authorization: `Bearer ${other}` };
    expect((await lab.ask({ path: '/metrics', headers })).status).toBe(200);
    await lab.stop();
  });

  it.each(['localhost', 'localhost:1', 'LOCALHOST', '127.0.0.1', '127.9.9.9:65535', '[::1]', '[::1]:7420'])(
    'whoever asks %s',
    async (host) => {
      expect((await shared().ask({ path: '/health', headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    'example.org',
    'localhost.example.org',
    'localhost@example.org',
    '127.0.0.1.example.org',
    '127.0.0.1.nip.io:7420',
    '10.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::ffff:10.0.0.1]',
    '127.1',
    '2130706433',
    'localhost:port',
    'local host',
  ])('nobody who asks %j, with a token neither', async (host) => {
    for (const where of ['/health', '/api/v1/admin/backups', '/', '/nothing']) {
      const { status } = await shared().ask({ path: where, headers: { host } });
      expect({ where, status }).toEqual({ where, status: 403 });
    }
  });

  it('nobody who names no host', async () => {
    const socket = connect(shared().server.port, '127.0.0.1');
    socket.write('GET /health HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('no page of another site, which would have to ask first, nor any program that asks so', async () => {
    const question = { 'access-control-request-method': 'POST' };
    const asked = { method: 'OPTIONS', path: '/api/v1/admin/backups' };
    const foreign = await shared().ask({ ...asked, headers: { ...question, origin: 'https://example.org' } });
    const plain = await shared().ask({ ...asked, headers: question });
    expect([foreign.status, plain.status]).toEqual([403, 405]);
    for (const { headers } of [foreign, plain]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('not more often than a page or a program would', async () => {
    nowMs += 60_000;
    const statuses = new Set<number>();
    for (let number = 0; number < 1300 && !statuses.has(429); number += 1) {
      statuses.add((await shared().ask({ path: '/health', isKnown: false })).status);
    }
    const { status, headers } = await shared().ask({ path: '/health' });
    expect([...statuses, status]).toEqual([200, 429, 429]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    nowMs += 60_000;
    expect((await shared().ask({ path: '/health' })).status).toBe(200);
  });
});

describe('a browser', () => {
  async function entered(lab: RestLab): Promise<{ cookie: string; proof: string }> {
    const opened = await lab.ask({ path: new URL(lab.server.newLink()).pathname, isKnown: false });
    expect(opened.status).toBe(200);
    const [setCookie = ''] = [opened.headers['set-cookie'] ?? []].flat();
    expect(setCookie).toMatch(/; HttpOnly; SameSite=Strict$/);
    const [cookie = ''] = setCookie.split(';');
    const { json } = await lab.ask({ path: '/session', headers: { cookie }, isKnown: false });
    // As the server writes it; a wrong one opens nothing.
    return { cookie, proof: (json as { antiForgery: string }).antiForgery };
  }

  it('is let in by a link once, and within an hour', async () => {
    const lab = shared();
    const { pathname } = new URL(lab.server.newLink());
    expect((await lab.ask({ path: pathname, isKnown: false })).status).toBe(200);
    expect((await lab.ask({ path: pathname, isKnown: false })).status).toBe(401);
    const late = new URL(lab.server.newLink()).pathname;
    nowMs += 3_600_000;
    expect((await lab.ask({ path: late, isKnown: false })).status).toBe(401);
  });

  it('sees the pages, under a strict policy', async () => {
    const { cookie } = await entered(shared());
    const page = await shared().ask({ path: '/', headers: { cookie }, isKnown: false });
    expect(page.status).toBe(200);
    expect(page.text).toContain('pages');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    const script = await shared().ask({ path: '/assets/app.js', headers: { cookie }, isKnown: false });
    expect(script.status).toBe(200);
  });

  it.each([
    '/../beside.txt',
    '/assets/../../beside.txt',
    '/%2e%2e/beside.txt',
    '/..%2fbeside.txt',
    '/assets/%2e%2e%2f%2e%2e%2fbeside.txt',
    '/.hidden',
    '//beside.txt',
    '/..\\beside.txt',
    '/%00',
    '/%',
  ])('does not get to %s', async (where) => {
    const { status, text } = await shared().ask({ path: where });
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('beside\n');
    expect(text).not.toContain(shared().base);
  });

  it('writes only with what its own pages know', async () => {
    nowMs += 60_000;
    const lab = shared();
    const { cookie, proof } = await entered(lab);
    const host = `127.0.0.1:${String(lab.server.port)}`;
    const call = async (headers: Readonly<Record<string, string>>) =>
      (await lab.ask({ method: 'POST', path: '/ipc/status.get', body: {}, headers, isKnown: false })).status;
    expect(await call({ cookie, 'x-trinity-backup': proof })).toBe(200);
    expect(await call({ cookie, 'x-trinity-backup': proof, origin: `http://${host}` })).toBe(200);
    expect(await call({ cookie })).toBe(403);
    expect(await call({ cookie, 'x-trinity-backup': 'guess' })).toBe(403);
    expect(await call({ cookie, 'x-trinity-backup': proof, origin: 'http://example.org' })).toBe(403);
    expect(await call({ cookie, 'x-trinity-backup': proof, origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await call({ cookie, 'x-trinity-backup': proof, origin: 'null' })).toBe(403);
    const other = await entered(lab);
    expect(await call({ cookie, 'x-trinity-backup': other.proof })).toBe(403);
  });

  it('stays in for thirty days, not longer', async () => {
    const { cookie } = await entered(shared());
    nowMs += 29 * 24 * 3_600_000;
    expect((await shared().ask({ path: '/', headers: { cookie }, isKnown: false })).status).toBe(200);
    nowMs += 2 * 24 * 3_600_000;
    expect((await shared().ask({ path: '/', headers: { cookie }, isKnown: false })).status).toBe(401);
  });
});
