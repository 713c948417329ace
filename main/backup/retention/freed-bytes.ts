import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { findNeededChunks } from '../../vault/upkeep/needed-chunks.ts';
import type { StoredManifest } from '../../vault/manifests/stored-manifest.ts';
import type { Vault, VaultReader } from '../../vault/vault.ts';

/** What deleting some backups gives back, in bytes as they lie in the vault, once collecting has run. */
export type FreedBytes =
  | Readonly<{ bytes: number; byBackup: ReadonlyMap<string, number> }>
  /** It cannot be told: why. */
  | Readonly<{ bytes: undefined; reason: string }>;

/**
 * By the index: what only these backups need. What several of them share counts for the newest one, so that all add up. Reads the
 * listings of all backups, of other installs too.
 */
export async function freedBytes(
  vault: Vault,
  going: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<FreedBytes> {
  if (going.size === 0) return { bytes: 0, byBackup: new Map() };
  const { manifests, unreadable } = await vault.listManifests();
  const live = manifests.filter(({ state }) => state === 'live');
  await using reader = await vault.openReader('prune');
  const needed = async (of: readonly StoredManifest[]): Promise<Uint8Array> =>
    await findNeededChunks({
      storage: vault.storage,
      manifests: { manifests: of, unreadable },
      inventory: reader.packs,
      openListing: async (root) => await reader.openListing(root),
      signal,
    });
  try {
    let kept = await needed(live.filter(({ manifest }) => !going.has(manifest.backupId)));
    let before = sealedBytes(reader, kept);
    const byBackup = new Map<string, number>();
    for (const stored of live.filter(({ manifest }) => going.has(manifest.backupId))) {
      kept = union(await needed([stored]), kept);
      const bytes = sealedBytes(reader, kept);
      byBackup.set(stored.manifest.backupId, bytes - before);
      before = bytes;
    }
    return { bytes: [...byBackup.values()].reduce((sum, bytes) => sum + bytes, 0), byBackup };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'damaged') throw error;
    return { bytes: undefined, reason: messageOf(error) };
  }
}

function sealedBytes({ packs }: VaultReader, live: Uint8Array): number {
  return packs.usage(live).reduce((sum, { liveBytes }) => sum + liveBytes, 0);
}

/** The first is at least as long: the index only grows. */
function union(later: Uint8Array, earlier: Uint8Array): Uint8Array {
  for (const [number, bit] of earlier.entries()) if (bit === 1) later[number] = 1;
  return later;
}
