import { recordedBackups } from '../../vault/manifests/known-backups.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { HeldBackups } from './copy-plan.ts';

/** Looks up what a storage of a vault holds. */
export async function heldBackups(vault: OpenedVault): Promise<HeldBackups> {
  const { manifests, storage } = vault;
  // Before the manifests are listed: a record that is there and belongs to none of them is one that is missed.
  const recorded = await recordedBackups(storage);
  const { manifests: stored, unreadable } = await manifests.list();
  const { pinned, proofs } = await vault.listMarks();
  const trashed = [
    ...stored.filter(({ state }) => state === 'trashed').map(({ manifest }) => manifest.backupId),
    ...unreadable.filter(({ state }) => state === 'trashed').map(({ backupId }) => backupId),
  ];
  return {
    live: stored.filter(({ state }) => state === 'live').map(({ manifest }) => manifest),
    trashed: new Set(trashed),
    recorded: new Set([...recorded, ...unreadable.map(({ backupId }) => backupId)]),
    pinned,
    proven: new Map(proofs.map(({ backupId, provenAtMs }) => [backupId, Object.keys(provenAtMs)])),
  };
}
