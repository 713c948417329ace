import { isIPv4 } from 'node:net';

/**
 * Whether a `Host` header names this machine by its loopback, with any port, so that `ssh -L` works. A page of another site whose
 * name was made to lead here sends that name, and is refused.
 */
export function isLoopbackHost(header: string | undefined): boolean {
  const parts = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/iu.exec(header ?? '');
  const name = parts?.groups?.['name']?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}

/** Whether a request of a browser comes from a page of this very host; those of other programs send no origin. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return origin.toLowerCase() === `http://${host ?? ''}`.toLowerCase();
}
