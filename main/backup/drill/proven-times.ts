import type { Manifest } from '../../../shared/model/manifest.ts';
import type { Vault } from '../../vault/vault.ts';

/** When a rehearsal last restored each source (`sourceText`), ms since 1970, of whichever of these backups. */
export async function provenTimes(
  vault: Vault,
  backups: readonly Manifest[],
): Promise<ReadonlyMap<string, number>> {
  const ids = new Set(backups.map(({ backupId }) => backupId));
  const times = new Map<string, number>();
  for (const { backupId, provenAtMs } of (await vault.listMarks()).proofs) {
    if (!ids.has(backupId)) continue;
    for (const [source, atMs] of Object.entries(provenAtMs)) {
      times.set(source, Math.max(atMs, times.get(source) ?? 0));
    }
  }
  return times;
}
