import { once } from 'node:events';
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
