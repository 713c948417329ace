import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type RestLab, sharedRestLab } from '../../../helpers/rest-lab.ts';

let nowMs = Date.now();
const shared = sharedRestLab({ isSetUp: true, now: () => nowMs, pagesFolder: writePages });

function writePages(base: string): string {
  const folder = path.join(base, 'pages');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>pages</title>');
  return folder;
}

/** A browser that was let in: what it sends by itself, and what its pages know. */
async function entered(lab: RestLab): Promise<Readonly<{ cookie: string; proof: string }>> {
  const opened = await lab.ask({ path: new URL(lab.server.newLink()).pathname, isKnown: false });
  const [cookie = ''] = String(opened.headers['set-cookie']).split(';');
  const { json } = await lab.ask({ path: '/session', headers: { cookie }, isKnown: false });
  return { cookie, proof: (json as { antiForgery: string }).antiForgery }; // as the server writes it
}

/** What browsers say of a request that a page of somebody else began. */
const foreign: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'http://localhost' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  // Of another port of this machine, to which the browser gives our cookie.
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket', 'sec-fetch-dest': 'websocket' },
];

const doors = [
  '/',
  '/events',
  '/session',
  '/health',
  '/metrics',
  '/api/v1/admin/backups',
  '/open/x',
] as const;

describe('a page of somebody else', () => {
  it.each(doors)('is answered nothing at %s, with the cookie of the browser or a token', async (where) => {
    nowMs += 60_000;
    const { cookie } = await entered(shared());
    for (const headers of foreign) {
      for (const isKnown of [false, true]) {
        const asked = { path: where, headers: { ...headers, cookie }, isKnown };
        const { status, text: said, headers: answered } = await shared().ask(asked);
        expect({ status, headers }).toEqual({ status: 403, headers });
        expect(said).not.toContain('backup_id');
        expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    }
  });

  it('reaches no call with the cookie of the browser, though it guessed what pages know', async () => {
    nowMs += 60_000;
    const { cookie, proof } = await entered(shared());
    for (const headers of foreign) {
      const asked = { method: 'POST', path: '/ipc/status.get', body: {} };
      const sent = { ...headers, cookie, 'x-trinity-backup': proof };
      expect((await shared().ask({ ...asked, headers: sent, isKnown: false })).status).toBe(403);
    }
  });

  it('may lead a person here by a link, and our own pages ask what they like', async () => {
    nowMs += 60_000;
    const { cookie } = await entered(shared());
    const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const own = [
      { ...link, 'sec-fetch-site': 'cross-site' },
      { ...link, 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ];
    for (const headers of own) {
      const { status } = await shared().ask({ path: '/', headers: { ...headers, cookie }, isKnown: false });
      expect({ status, headers }).toEqual({ status: 200, headers });
    }
    const { pathname } = new URL(shared().server.newLink());
    const opened = { path: pathname, headers: { ...link, 'sec-fetch-site': 'cross-site' }, isKnown: false };
    expect((await shared().ask(opened)).status).toBe(200);
  });

  it('keeps nobody out by asking often, nor does a stranger on this machine', async () => {
    nowMs += 60_000;
    const { cookie } = await entered(shared());
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    for (let number = 0; number < 100; number += 1) {
      const { status } = await shared().ask({ path: '/open/x', headers, isKnown: false });
      expect(status).toBe(403);
    }
    const { pathname } = new URL(shared().server.newLink());
    expect((await shared().ask({ path: pathname, isKnown: false })).status).toBe(200);
    const statuses = new Set<number>();
    for (let number = 0; number < 1300 && !statuses.has(429); number += 1) {
      statuses.add((await shared().ask({ path: '/session', isKnown: false })).status);
    }
    expect([...statuses]).toEqual([401, 429]);
    expect((await shared().ask({ path: '/session', headers: { cookie }, isKnown: false })).status).toBe(200);
    expect((await shared().ask({ path: '/metrics' })).status).toBe(200);
  });

  it('gets no socket: asking to upgrade is asking, to connect is nothing', async () => {
    nowMs += 60_000;
    const { cookie } = await entered(shared());
    const upgrade = `Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;
    const raw = async (request: string): Promise<string> => {
      const socket = connect(shared().server.port, '127.0.0.1');
      socket.write(request);
      return await text(socket);
    };
    const close = 'Connection: close\r\n\r\n';
    expect(await raw(`GET /events HTTP/1.1\r\n${upgrade}Origin: https://evil.example\r\n${close}`)).toMatch(
      /^HTTP\/1\.1 403 /u,
    );
    expect(await raw(`GET /session HTTP/1.1\r\n${upgrade}Cookie: ${cookie}\r\n${close}`)).toMatch(
      /^HTTP\/1\.1 200 /u,
    );
    expect(await raw(`CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n${close}`)).not.toMatch(
      /^HTTP\/1\.1 2/u,
    );
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/', 200],
    ['GET', '/health', 200],
    ['GET', '/events-of-others', 404],
    ['GET', '/%', 404],
    ['GET', '/metrics', 200],
    ['PUT', '/', 404],
    ['PUT', '/session', 405],
    ['POST', '/ipc/status.get', 200],
    ['POST', '/ipc/nothing.there', 404],
    ['POST', '/api/v1/admin/backups/restore', 422],
    ['GET', '/open/x', 401],
  ] as const)('to %s %s cannot be framed, run, guessed at or kept', async (method, where, status) => {
    nowMs += 60_000;
    const body =
      method === 'POST' ? { body: where.startsWith('/ipc') ? {} : { backup_id: '0'.repeat(12) } } : {};
    const answer = await shared().ask({ method, path: where, ...body });
    expect(answer.status).toBe(status);
    expectStrict(answer.headers);
  });

  it('that refuses does so as strictly: strangers, foreign hosts, bodies too large or broken, no HTTP', async () => {
    nowMs += 60_000;
    const post = { method: 'POST', path: '/ipc/status.get' };
    const answers = [
      [401, await shared().ask({ path: '/', isKnown: false, headers: { accept: 'text/html' } })],
      [403, await shared().ask({ path: '/', headers: { host: 'evil.example' } })],
      [400, await shared().ask({ ...post, body: '{' })],
      [413, await shared().ask({ ...post, body: `"${'x'.repeat(1024 * 1024)}"` })],
      [415, await shared().ask({ ...post, body: '{}', headers: { 'content-type': 'application/xml' } })],
    ] as const;
    for (const [status, answer] of answers) {
      expect(answer.status).toBe(status);
      expectStrict(answer.headers);
    }
    const socket = connect(shared().server.port, '127.0.0.1');
    socket.write('\u0000\r\n\r\n');
    const said = await text(socket);
    expect(said).toMatch(/^HTTP\/1\.1 400 /u);
    expect(said).toContain("content-security-policy: default-src 'none'; frame-ancestors 'none'");
    expect(said).toContain('x-content-type-options: nosniff');
  });

  it('lets nobody see the cookie but the browser, which shows it to nobody else', async () => {
    const opened = await shared().ask({ path: new URL(shared().server.newLink()).pathname, isKnown: false });
    const [cookie = '', ...more] = [opened.headers['set-cookie'] ?? []].flat();
    expect(more).toEqual([]);
    // A name for each service: browsers keep one jar for all ports.
    expect(cookie).toMatch(
      /^trinity_backup_[0-9a-f]{8}=[\w.-]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/u,
    );
    expect(cookie).not.toContain(shared().token);
    expect(opened.text).not.toContain('trinity_backup_');
  });
});

function expectStrict(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  });
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/u);
  expect(policy).not.toMatch(/unsafe|\*|https?:/u);
}
