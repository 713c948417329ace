import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findDisplay } from '../../../build/display.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

/** Somebody who takes connections there, as a display server does. */
async function listening(address: ListenOptions): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

/** No server takes such numbers: over the network there is no port for them. */
const number = 60_000 + (process.pid % 30_000);

describe('findDisplay', () => {
  it('finds none where none is named', async () => {
    expect(await findDisplay({})).toBeUndefined();
    expect(await findDisplay({ DISPLAY: '', WAYLAND_DISPLAY: '' })).toBeUndefined();
  });

  it.each(['', 'unix', '127.0.0.1'])('tells that nobody answers at %s:…', async (host) => {
    const name = `${host}:${String(number)}.0`;
    expect(await findDisplay({ DISPLAY: name })).toEqual({ name, answers: false });
  });

  it.runIf(process.platform === 'linux')('finds a server of this machine that left no file', async () => {
    await listening({ path: `\0/tmp/.X11-unix/X${String(number)}` });
    const name = `:${String(number)}`;
    expect(await findDisplay({ DISPLAY: name })).toEqual({ name, answers: true });
  });

  it.runIf(process.platform === 'linux')('tells that a server takes nobody without its cookie', async () => {
    const cookie = Buffer.from('0123456789abcdef');
    const shown: string[] = [];
    const server = createServer((socket) => {
      socket.once('data', (asked) => {
        shown.push(asked.toString('latin1'));
        socket.end(Buffer.from([asked.includes(cookie) ? 1 : 0, 0]));
      });
    });
    server.listen({ path: `\0/tmp/.X11-unix/X${String(number)}` });
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const name = `:${String(number)}`;
    const file = path.join(await tempFolder(), 'authority');
    const env = { DISPLAY: name, XAUTHORITY: file };
    expect(await findDisplay(env)).toEqual({ name, answers: true, isClosed: true });
    const entry = (of: string, data: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from([1, 0]),
        ...[Buffer.from('host'), Buffer.from(of), Buffer.from('MIT-MAGIC-COOKIE-1'), data].flatMap((part) => [
          Buffer.from([0, part.length]),
          part,
        ]),
      ]);
    writeFileSync(file, entry('1', cookie));
    expect(await findDisplay(env)).toEqual({ name, answers: true, isClosed: true });
    writeFileSync(file, Buffer.concat([entry('1', Buffer.from('another')), entry(String(number), cookie)]));
    expect(await findDisplay(env)).toEqual({ name, answers: true });
    expect(shown.at(-1)).toBe(
      `l\0\x0b\0\0\0\x12\0\x10\0\0\0MIT-MAGIC-COOKIE-1\0\0${cookie.toString('latin1')}`,
    );
  });

  it('finds one over the network', async () => {
    const server = await listening({ host: '127.0.0.1', port: 0 });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const name = `127.0.0.1:${String(port - 6000)}`;
    expect(await findDisplay({ DISPLAY: name })).toEqual({ name, answers: true });
  });

  it('takes the one of Wayland and of X11 that answers', async () => {
    const folder = await tempFolder();
    const env = { WAYLAND_DISPLAY: 'wayland-9', XDG_RUNTIME_DIR: folder, DISPLAY: `:${String(number)}` };
    expect(await findDisplay(env)).toEqual({ name: 'wayland-9', answers: false });
    await listening({ path: path.join(folder, 'wayland-9') });
    expect(await findDisplay(env)).toEqual({ name: 'wayland-9', answers: true });
    expect(await findDisplay({ DISPLAY: 'nonsense' })).toEqual({ name: 'nonsense', answers: false });
  });
});
