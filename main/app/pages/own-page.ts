/** Where the pages of the desktop live: a scheme of its own, so that no file of the disk is a page. */
export const pageScheme = 'app';
export const pageOrigin = `${pageScheme}://trinity`;

/** Scheme and host of an address; undefined for what has none. Node knows no origin of a scheme of ours. */
export function originOf(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url === undefined || url.host === '' ? undefined : `${url.protocol}//${url.host}`;
}

/** Whether a window may go there: to the one page, with any `#` and `?`. */
export function isOwnPage(address: string): boolean {
  if (originOf(address) !== pageOrigin) return false;
  const { pathname, username, password } = new URL(address);
  return (pathname === '/' || pathname === '/index.html') && username === '' && password === '';
}
