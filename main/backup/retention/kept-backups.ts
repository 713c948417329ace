import { sourceText } from '../../../shared/model/component.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import { listPins } from '../../vault/manifests/pins.ts';
import { listProofs } from '../../vault/manifests/proofs.ts';
import type { Vault } from '../../vault/vault.ts';
import type { RetentionFacts } from './retention-rules.ts';

export type KeptBackup = RetentionFacts & Readonly<{ manifest: Manifest }>;

/** The listed backups of one install with what retention asks of them, newest first. Backups in the trash are not there. */
export async function keptBackups(vault: Vault, installId: string): Promise<readonly KeptBackup[]> {
  const { storage, objectKeys } = vault;
  const { manifests } = await vault.listManifests();
  const pins = await listPins(storage, objectKeys);
  const proofs = new Map(
    (await listProofs(storage, objectKeys)).map((proof) => [proof.backupId, Object.keys(proof.provenAtMs)]),
  );
  return manifests
    .filter(({ manifest, state }) => state === 'live' && manifest.installId === installId)
    .map(({ manifest }) => ({
      manifest,
      backupId: manifest.backupId,
      timestampMs: Date.parse(manifest.timestamp),
      trigger: manifest.trigger,
      sources: manifest.sources.filter((source) => source.state === 'complete').map(sourceText),
      provenSources: proofs.get(manifest.backupId) ?? [],
      pinned: pins.backupIds.has(manifest.backupId),
    }));
}
