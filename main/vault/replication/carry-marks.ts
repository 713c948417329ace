import type { Storage } from '../../storage/storage.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { listPins, pinBackup, unpinBackup } from '../manifests/pins.ts';
import { listProofs, mergeProof } from '../manifests/proofs.ts';

export type MarkRequest = Readonly<{
  source: Storage;
  target: Storage;
  keys: ObjectKeys;
  /** Backups that are live in both. */
  shared: ReadonlySet<string>;
}>;

/** Pins as they are at the source; of proofs the latest of either, since each storage may have been rehearsed. */
export async function carryMarks({ source, target, keys, shared }: MarkRequest): Promise<void> {
  const from = await listPins(source, keys);
  const to = await listPins(target, keys);
  for (const backupId of shared) {
    const isPinned = from.backupIds.has(backupId);
    if (isPinned && !to.backupIds.has(backupId)) await pinBackup(target, keys, backupId);
    if (!isPinned && to.backupIds.has(backupId)) await unpinBackup(target, backupId);
  }
  const known = new Map((await listProofs(target, keys)).map((proof) => [proof.backupId, proof]));
  for (const proof of await listProofs(source, keys)) {
    if (shared.has(proof.backupId)) await mergeProof(target, keys, proof, known.get(proof.backupId));
  }
}
