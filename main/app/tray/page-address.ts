import type { StatusAction } from '../../../shared/model/status.ts';

/** Where the pages are that a mending action names; what has no page of its own is shown by the overview. */
const addresses: Readonly<Record<string, string>> = {
  setup: '#/setup',
  unlock: '#/unlock',
  progress: '#/overview',
  storage: '#/storage',
  settings: '#/settings',
  backup: '#/history',
};

/** The address that an action leads to; undefined for one that does something. */
export function addressOfAction({ operation, input }: StatusAction): string | undefined {
  // What is done then has to be told: there may be a next step.
  if (operation === 'finish') return '#/setup?finish=yes';
  if (operation !== 'show') return undefined;
  const { page, backupId } = input;
  const address = (typeof page === 'string' ? addresses[page] : undefined) ?? '#/overview';
  return page === 'backup' && typeof backupId === 'string' ? `${address}?backup=${backupId}` : address;
}
