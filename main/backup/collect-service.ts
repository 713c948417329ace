import { forgetProof, listProofs } from '../vault/manifests/proofs.ts';
import { listPins, unpinBackup } from '../vault/manifests/pins.ts';
import { collectGarbage as collectVault, type CollectResult } from '../vault/upkeep/collect.ts';
import type { RunOptions, ServiceContext } from './services.ts';

/**
 * Deletes what no backup needs any more, in two runs: this one deletes what an earlier one had marked, and marks what it finds.
 * Marked packs wait 24 hours, unless the vault is a local folder that nobody reads.
 */
export async function collectGarbage(context: ServiceContext, options: RunOptions): Promise<CollectResult> {
  const { vault } = context;
  const { signal, onProgress } = options;
  await using writer = await vault.openWriter('collect', { signal });
  const result = await collectVault({
    storage: vault.storage,
    keys: vault.objectKeys,
    manifests: vault.manifests,
    inventory: writer.packs,
    damage: writer.damage,
    openListing: async (root) => await writer.openListing(root),
    assertHeld: async () => await writer.assertHeld(),
    listLeases: async () => await vault.listLeases(),
    now: context.now,
    immediate: true,
    signal: AbortSignal.any([signal, writer.signal]),
    onProgress: ({ phase, done, total }) => onProgress?.({ phase, done, total, unit: 'files', detail: '' }),
  });
  await forgetMarks(context, result.purgedBackups);
  return result;
}

/** Pins and proofs of backups that are gone for good tell nothing any more. */
async function forgetMarks({ vault }: ServiceContext, purged: readonly string[]): Promise<void> {
  if (purged.length === 0) return;
  const { storage, objectKeys } = vault;
  const gone = new Set(purged);
  for (const { backupId } of await listProofs(storage, objectKeys)) {
    if (gone.has(backupId)) await forgetProof(storage, backupId);
  }
  for (const backupId of (await listPins(storage, objectKeys)).backupIds) {
    if (gone.has(backupId)) await unpinBackup(storage, backupId);
  }
}
