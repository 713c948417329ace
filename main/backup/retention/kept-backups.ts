import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { BackupMarks } from '../../vault/manifests/mark-reader.ts';
import type { StoredManifest } from '../../vault/manifests/stored-manifest.ts';
import type { Vault } from '../../vault/vault.ts';
import type { RetentionFacts } from './retention-rules.ts';

export type KeptBackup = RetentionFacts & Readonly<{ manifest: Manifest }>;

/** The listed backups of one install with what retention asks of them, newest first. Backups in the trash are not there. */
export async function keptBackups(vault: Vault, installId: string): Promise<readonly KeptBackup[]> {
  const { manifests } = await vault.listManifests();
  return backupsOfInstall(manifests, installId, await vault.listMarks());
}

/** Installs that share a vault never count for each other. */
export function backupsOfInstall(
  manifests: readonly StoredManifest[],
  installId: string,
  { pinned, proofs }: BackupMarks,
): readonly KeptBackup[] {
  const proven = new Map(proofs.map((proof) => [proof.backupId, Object.keys(proof.provenAtMs)]));
  return manifests
    .filter(({ manifest, state }) => state === 'live' && manifest.installId === installId)
    .map(({ manifest }) => ({
      manifest,
      backupId: manifest.backupId,
      timestampMs: Date.parse(manifest.timestamp),
      trigger: manifest.trigger,
      sources: manifest.sources.filter((source) => source.state === 'complete').map(sourceText),
      provenSources: proven.get(manifest.backupId) ?? [],
      pinned: pinned.has(manifest.backupId),
    }));
}
