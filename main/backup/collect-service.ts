import { forgetProof } from '../vault/manifests/proofs.ts';
import { unpinBackup } from '../vault/manifests/pins.ts';
import { collectGarbage as collect, type CollectResult } from '../vault/upkeep/collect.ts';
import type { Vault } from '../vault/vault.ts';
import type { RunOptions, ServiceContext } from './services.ts';

/**
 * Deletes what no backup needs any more, in two runs: this one deletes what an earlier one had marked, and marks what it finds.
 * Marked packs wait 24 hours, unless the vault is a local folder that nobody reads.
 */
export async function collectGarbage(
  { vault, now }: ServiceContext,
  options: RunOptions,
): Promise<CollectResult> {
  return await collectVault(vault, now, options);
}

/** The same for any storage of a vault; `now` is the wall clock of this machine, ms since 1970. */
export async function collectVault(
  vault: Vault,
  now: () => number,
  { signal, onProgress }: RunOptions,
): Promise<CollectResult> {
  await using writer = await vault.openWriter('collect', { signal });
  const result = await collect({
    storage: vault.storage,
    keys: vault.objectKeys,
    manifests: vault.manifests,
    inventory: writer.packs,
    damage: writer.damage,
    openListing: async (root) => await writer.openListing(root),
    assertHeld: async () => await writer.assertHeld(),
    listLeases: async () => await vault.listLeases(),
    now,
    immediate: true,
    signal: AbortSignal.any([signal, writer.signal]),
    onProgress: ({ phase, done, total }) => onProgress?.({ phase, done, total, unit: 'files', detail: '' }),
  });
  await forgetMarks(vault, result.purgedBackups);
  return result;
}

/** Pins and proofs of backups that are gone for good tell nothing any more. */
async function forgetMarks(vault: Vault, purged: readonly string[]): Promise<void> {
  if (purged.length === 0) return;
  const { storage } = vault;
  const gone = new Set(purged);
  const { pinned, proofs } = await vault.listMarks();
  for (const { backupId } of proofs) if (gone.has(backupId)) await forgetProof(storage, backupId);
  for (const backupId of pinned) if (gone.has(backupId)) await unpinBackup(storage, backupId);
}
