import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Client } from '../../../shared/ipc/client.ts';
import type { CallInput, CallOutput } from '../../../shared/ipc/contract.ts';
import { useClient } from '../../client/engine.tsx';

type Page = CallOutput<'backups.list'>;
export type ListedBackup = Page['backups'][number];
type Filter = Pick<CallInput<'backups.list'>, 'agent' | 'component'>;

const pageSize = 1000;

/** All backups that fit, newest first, however many there are; `from` is the copy that was read because the vault is away. */
export function useBackups(filter: Filter) {
  return useQuery(backupsQuery(useClient(), filter));
}

/** The same for whoever needs them to ask further. */
export function backupsQuery(client: Client, filter: Filter) {
  return queryOptions({
    queryKey: ['backups.list', 'all', filter],
    queryFn: async () => await allBackups(client, filter),
  });
}

async function allBackups(
  client: Client,
  filter: Filter,
): Promise<Pick<Page, 'backups' | 'from' | 'unreadable'>> {
  const first = await client.call('backups.list', { limit: pageSize, ...filter });
  const backups = [...first.backups];
  for (let { next } = first; next !== null;) {
    const page = await client.call('backups.list', { limit: pageSize, cursor: next, ...filter });
    backups.push(...page.backups);
    ({ next } = page);
  }
  return { backups, from: first.from, unreadable: first.unreadable };
}
