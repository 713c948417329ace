/** The pages in the order of the rail; their address is `#/name`. */
export const pages = [
  { name: 'overview', label: 'Overview' },
  { name: 'restore', label: 'Restore' },
  { name: 'history', label: 'History' },
  { name: 'agents', label: 'Agents' },
  { name: 'activity', label: 'Activity' },
] as const;

export type PageName = (typeof pages)[number]['name'];

/** Where a page leads: its name, and what it is to show. */
export type Route = Readonly<{ page: PageName; parameters: URLSearchParams }>;

export function routeOf(hash: string): Route {
  const [name = '', query = ''] = hash.replace(/^#\/?/u, '').split('?');
  const page = pages.find((each) => each.name === name);
  return { page: page?.name ?? 'overview', parameters: new URLSearchParams(query) };
}

export function addressOf(page: PageName, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}
