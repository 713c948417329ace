import { AppError } from '../../../shared/lib/app-error.ts';

/** Where an engine of this machine listens. */
export type EngineAddress =
  | Readonly<{ kind: 'socket'; url: string; path: string }>
  | Readonly<{ kind: 'tcp'; url: string; host: string; port: number }>;

/**
 * Reads the URL of an engine: `unix://PATH`, `npipe://PATH` or `tcp://` of this very machine. Volumes of an engine elsewhere cannot
 * be frozen and read in time over a network, so others are `refused`, with the advice to run there.
 */
export function parseEngineAddress(url: string): EngineAddress {
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/u.exec(url) ?? [];
  if ((scheme === 'unix' || scheme === 'npipe') && rest !== undefined && rest !== '') {
    return { kind: 'socket', url, path: rest };
  }
  if (scheme === 'tcp' || scheme === 'http') return tcpAddress(url);
  if (scheme === 'ssh' || scheme === 'https') throw elsewhere(url);
  const message =
    'The address of the Docker engine is none. Write it as unix:///var/run/docker.sock, for example.';
  throw new AppError('usage', message);
}

function tcpAddress(url: string): EngineAddress {
  const parsed = URL.parse(url.replace(/^tcp:/u, 'http:'));
  if (parsed === null) throw elsewhere(url);
  const host = parsed.hostname.replaceAll(/[[\]]/gu, '');
  const isLoopback = host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host);
  if (!isLoopback || parsed.username !== '' || parsed.password !== '') throw elsewhere(url);
  return { kind: 'tcp', url, host, port: parsed.port === '' ? 2375 : Number(parsed.port) };
}

function elsewhere(url: string): AppError {
  // A URL may hold a user and a password.
  const shown = url.replace(/\/\/[^/]*@/u, '//').slice(0, 200);
  return new AppError(
    'refused',
    `The Docker engine ${shown} is not on this machine. Install Trinity Backup on the host it runs on, and run serve there.`,
  );
}
