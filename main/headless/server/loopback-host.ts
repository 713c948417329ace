import type { IncomingHttpHeaders } from 'node:http';
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

/**
 * Whether a browser sends this for a page of another site, or of another port of this machine, to which it gives our cookie too. A link
 * that somebody follows there leads here all the same, but not into a frame. Other programs send none of these headers.
 */
export function isOfOtherPage(headers: IncomingHttpHeaders): boolean {
  const { origin, host = '', 'sec-fetch-site': site = 'none' } = headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase()) return true;
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return site !== 'same-origin' && site !== 'none' && !isLink;
}
