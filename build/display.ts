import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import path from 'node:path';
import { cookiesOf, isTurnedAway } from './x11-door.ts';

/** A display that programs may show windows on, as the environment names it; `isClosed`: it answers, and turns this user's away. */
export type Display = Readonly<{ name: string; answers: boolean; isClosed?: boolean }>;

/** One on another machine may be gone without a word. */
const limitMs = 3000;
const firstPort = 6000;

/** The display of this session: the first that answers, else the first that is named; undefined where none is. */
export async function findDisplay(env: NodeJS.ProcessEnv): Promise<Display | undefined> {
  const { WAYLAND_DISPLAY: wayland = '', DISPLAY: x11 = '' } = env;
  const named = [
    { name: wayland, isX11: false, places: waylandPlaces(wayland, env['XDG_RUNTIME_DIR']) },
    { name: x11, isX11: true, places: x11Places(x11) },
  ].filter(({ name }) => name !== '');
  let closed: Display | undefined;
  for (const { name, isX11, places } of named) {
    if (!(await Promise.all(places.map(async (place) => await answers(place)))).includes(true)) continue;
    if (!isX11 || !(await isClosed(name, env))) return { name, answers: true };
    closed = { name, answers: true, isClosed: true };
  }
  const [first] = named;
  return closed ?? (first === undefined ? undefined : { name: first.name, answers: false });
}

/** Of a server of this machine: others are asked by the programs alone. */
async function isClosed(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { isOwn, number } = partsOf(name);
  if (!isOwn) return false;
  const cookies = await cookiesOf(number, env);
  const tries = x11Places(name).flatMap((place) =>
    cookies.map(async (cookie) => await answerOf(place, cookie)),
  );
  const said = await Promise.all(tries);
  return said.includes('no') && !said.includes('yes');
}

/** `nothing`: nobody is there, or not a word was said. */
async function answerOf(
  place: NetConnectOpts,
  cookie: Buffer | undefined,
): Promise<'yes' | 'no' | 'nothing'> {
  const signal = AbortSignal.timeout(limitMs);
  using parts = new DisposableStack();
  try {
    const socket = parts.adopt(connect(place), (opened) => void opened.destroy());
    await once(socket, 'connect', { signal });
    return (await isTurnedAway(socket, cookie, signal)) ? 'no' : 'yes';
  } catch {
    return 'nothing';
  }
}

function waylandPlaces(name: string, runtimeFolder: string | undefined): readonly NetConnectOpts[] {
  if (path.isAbsolute(name)) return [{ path: name }];
  return runtimeFolder === undefined ? [] : [{ path: path.join(runtimeFolder, name) }];
}

/** `[host]:number[.screen]`; without a host on this machine, where Linux may have it in a name space without files (`\0…`). */
function x11Places(name: string): readonly NetConnectOpts[] {
  const { host, number } = partsOf(name);
  if (number === '') return [];
  const socket = `/tmp/.X11-unix/X${number}`;
  if (host === '' || host === 'unix') return [{ path: socket }, { path: `\0${socket}` }];
  return [{ host, port: firstPort + Number(number) }];
}

function partsOf(name: string): Readonly<{ host: string; number: string; isOwn: boolean }> {
  const [, host = '', number = ''] = /^(.*):(\d{1,5})(?:\.\d+)?$/u.exec(name) ?? [];
  return { host, number, isOwn: ['', 'unix', 'localhost', '127.0.0.1'].includes(host) };
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
