import { createHash } from 'node:crypto';

const maxAgeSeconds = 30 * 24 * 3600;

/** Browsers keep one jar for all ports of a host: each service has a name of its own there. */
function cookieName(token: string): string {
  return `trinity_backup_${createHash('sha256').update(`name ${token}`).digest('hex').slice(0, 8)}`;
}

export function setCookieText(value: string, token: string): string {
  return `${cookieName(token)}=${value}; Path=/; Max-Age=${String(maxAgeSeconds)}; HttpOnly; SameSite=Strict`;
}

/** The value of our cookie in a `Cookie` header. */
export function sessionCookieOf(header: string | undefined, token: string): string | undefined {
  const prefix = `${cookieName(token)}=`;
  const parts = (header ?? '').split(';').map((part) => part.trim());
  return parts.find((part) => part.startsWith(prefix))?.slice(prefix.length);
}
