/** The pages in the order of the rail; their address is `#/name`. */
export const pages = [
  { name: 'overview', label: 'Overview' },
  { name: 'restore', label: 'Restore' },
  { name: 'history', label: 'History' },
  { name: 'agents', label: 'Agents' },
  { name: 'storage', label: 'Storage' },
  { name: 'activity', label: 'Activity' },
  { name: 'settings', label: 'Settings' },
] as const;

/** Pages that a state or a button leads to, and not the rail. */
export const otherPages = [
  { name: 'setup', label: 'Set up' },
  { name: 'unlock', label: 'Unlock' },
] as const;

export type PageName = (typeof pages)[number]['name'] | (typeof otherPages)[number]['name'];

export function pageNamed(name: string) {
  return [...pages, ...otherPages].find((page) => page.name === name);
}

/** Where a page leads: its name, and what it is to show. */
export type Route = Readonly<{ page: PageName; parameters: URLSearchParams }>;

export function routeOf(hash: string): Route {
  const [name = '', query = ''] = hash.replace(/^#\/?/u, '').split('?');
  return { page: pageNamed(name)?.name ?? 'overview', parameters: new URLSearchParams(query) };
}

export function addressOf(page: PageName, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}
