import { missingBackups } from '../../vault/manifests/known-backups.ts';
import { isLost } from '../../vault/index/pack-table.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import { BackupCopier } from '../../vault/replication/backup-copier.ts';
import { requireCopy } from '../../vault/replication/make-copy.ts';
import { DamageList } from '../../vault/upkeep/damage-list.ts';
import type { RunOptions } from '../services.ts';

export type HealOutcome = Readonly<{
  /** Packs that came from the copy. */
  packs: number;
  /** Backups whose manifests came from the copy. */
  backups: readonly string[];
  /** Pieces of data that the copy has not either. */
  stillLost: number;
}>;

/** Whether anything of a vault is known to be damaged or gone. Needs no lock. */
export async function needsHealing(vault: OpenedVault): Promise<boolean> {
  const { storage, objectKeys } = vault;
  if (!(await DamageList.load(storage, objectKeys)).isEmpty) return true;
  if ((await lostBackups(vault)).length > 0) return true;
  await using reader = await vault.openReader('heal');
  await reader.packs.load(new AbortController().signal);
  return reader.packs.packs().some(({ state }) => isLost(state));
}

/**
 * Brings what is damaged or gone in a vault back from a copy: packs, then manifests of which everything is there. Under the writer lock
 * of the vault: `busy` while another writes.
 */
export async function healVault(
  { vault, copy }: Readonly<{ vault: OpenedVault; copy: OpenedVault }>,
  { signal, onProgress }: RunOptions,
): Promise<HealOutcome> {
  await requireCopy(copy.storage, vault.ring);
  await using writer = await vault.openWriter('heal', { signal });
  await using reader = await copy.openReader('heal');
  let planned = 0;
  let sent = 0;
  const tell = (): void =>
    onProgress?.({ phase: 'heal', done: sent, total: planned, unit: 'bytes', detail: '' });
  const transfer = {
    from: { vault: copy, reader },
    to: writer,
    target: vault.storage,
    signal: AbortSignal.any([signal, writer.signal]),
    onPlanned: (bytes: number) => {
      planned += bytes;
      tell();
    },
    onSent: (bytes: number) => {
      sent += bytes;
      tell();
    },
  };
  const { manifests } = await vault.manifests.list();
  const copier = new BackupCopier(
    transfer,
    manifests.map(({ manifest }) => manifest),
  );
  await copier.sender.renew(writer.damage.contents().packs);
  const stillLost = await copier.sender.bring(writer.lostChunks());
  return {
    backups: await bringBack(vault, copy, copier),
    stillLost: stillLost.length,
    packs: copier.sender.sent.packs,
  };
}

async function bringBack(
  vault: OpenedVault,
  copy: OpenedVault,
  copier: BackupCopier,
): Promise<readonly string[]> {
  const { manifests } = await copy.manifests.list();
  const live = new Set(
    manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest.backupId),
  );
  const back: string[] = [];
  for (const backupId of await lostBackups(vault)) {
    if (live.has(backupId) && (await copier.copy(backupId)) === undefined) back.push(backupId);
  }
  return back;
}

/** Backups whose manifests are gone or do not open. */
async function lostBackups({ manifests, storage }: OpenedVault): Promise<readonly string[]> {
  const { unreadable } = await manifests.list();
  const live = unreadable.filter(({ state }) => state === 'live').map(({ backupId }) => backupId);
  return [...new Set([...live, ...(await missingBackups(storage))])];
}
