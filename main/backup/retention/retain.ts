import { messageOf } from '../../../shared/lib/app-error.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Trigger } from '../../../shared/model/trigger.ts';
import type { VaultWriter } from '../../vault/vault.ts';
import type { ServiceContext } from '../services.ts';
import { pruneUnderLock } from './prune.ts';

export type Retained = Readonly<{ warnings: readonly Finding[]; notes: readonly Finding[] }>;

const nothing: Retained = { warnings: [], notes: [] };
const namedAtMost = 20;

/**
 * Applies the rules of retention once a backup is committed, under its lock. The backup is done: whatever goes wrong here is a
 * warning. Safety backups must not evict what is being restored, and at a shutdown there is no time. Without the entitlement all
 * stay.
 */
export async function retainAfter(
  trigger: Trigger,
  context: ServiceContext,
  writer: VaultWriter,
  signal: AbortSignal,
): Promise<Retained> {
  if (trigger === 'pre_migration' || trigger === 'shutdown') return nothing;
  if (!context.isEntitled('backup')) return nothing;
  try {
    const { pruned } = await pruneUnderLock(context, writer, false, signal);
    if (pruned.length === 0) return nothing;
    const ids = pruned.slice(0, namedAtMost).map(({ backupId }) => backupId);
    const more = pruned.length > ids.length ? ` and ${String(pruned.length - ids.length)} more` : '';
    const { trashDays } = context.settings;
    const message = `No rule keeps ${ids.join(', ')}${more} any more: in the trash for ${countOf(trashDays, 'day')}.`;
    return { warnings: [], notes: [{ code: 'retention', message }] };
  } catch (error) {
    const message = `The backup is done, but older ones were not looked through: ${messageOf(error)}`;
    return { warnings: [{ code: 'retention-failed', message }], notes: [] };
  }
}
