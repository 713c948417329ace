import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import path from 'node:path';

/** A display that programs may show windows on, as the environment names it. */
export type Display = Readonly<{ name: string; answers: boolean }>;

/** One on another machine may be gone without a word. */
const limitMs = 3000;
const firstPort = 6000;

/** The display of this session: the first that answers, else the first that is named; undefined where none is. */
export async function findDisplay(env: NodeJS.ProcessEnv): Promise<Display | undefined> {
  const { WAYLAND_DISPLAY: wayland = '', DISPLAY: x11 = '' } = env;
  const named = [
    { name: wayland, places: waylandPlaces(wayland, env['XDG_RUNTIME_DIR']) },
    { name: x11, places: x11Places(x11) },
  ].filter(({ name }) => name !== '');
  for (const { name, places } of named) {
    if ((await Promise.all(places.map(async (place) => await answers(place)))).includes(true))
      return { name, answers: true };
  }
  const [first] = named;
  return first === undefined ? undefined : { name: first.name, answers: false };
}

function waylandPlaces(name: string, runtimeFolder: string | undefined): readonly NetConnectOpts[] {
  if (path.isAbsolute(name)) return [{ path: name }];
  return runtimeFolder === undefined ? [] : [{ path: path.join(runtimeFolder, name) }];
}

/** `[host]:number[.screen]`; without a host on this machine, where Linux may have it in a name space without files (`\0…`). */
function x11Places(name: string): readonly NetConnectOpts[] {
  const [, host = '', number = ''] = /^(.*):(\d{1,5})(?:\.\d+)?$/u.exec(name) ?? [];
  if (number === '') return [];
  const socket = `/tmp/.X11-unix/X${number}`;
  if (host === '' || host === 'unix') return [{ path: socket }, { path: `\0${socket}` }];
  return [{ host, port: firstPort + Number(number) }];
}

async function answers(place: NetConnectOpts): Promise<boolean> {
  using parts = new DisposableStack();
  try {
    const socket = parts.adopt(connect(place), (opened) => void opened.destroy());
    await once(socket, 'connect', { signal: AbortSignal.timeout(limitMs) });
    return true;
  } catch {
    // Nobody is there, nobody whom we may talk to, or it is no port.
    return false;
  }
}
