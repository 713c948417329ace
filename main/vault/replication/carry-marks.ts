import { cannotBeWritten } from '../../storage/storage-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { listPins, pinBackup, unpinBackup } from '../manifests/pins.ts';
import { listProofs, mergeProof, type Proof } from '../manifests/proofs.ts';

export type MarkRequest = Readonly<{
  source: Storage;
  target: Storage;
  keys: ObjectKeys;
  /** Backups that are live in both. */
  shared: ReadonlySet<string>;
}>;

/** Pins as they are at the source; of proofs both have the latest of either, since each storage may have been rehearsed. */
export async function carryMarks({ source, target, keys, shared }: MarkRequest): Promise<void> {
  const from = await listPins(source, keys);
  const to = await listPins(target, keys);
  for (const backupId of shared) {
    const isPinned = from.backupIds.has(backupId);
    if (isPinned && !to.backupIds.has(backupId)) await pinBackup(target, keys, backupId);
    if (!isPinned && to.backupIds.has(backupId)) await unpinBackup(target, backupId);
  }
  const there = await listProofs(target, keys);
  const here = await listProofs(source, keys);
  const isShared = ({ backupId }: Proof): boolean => shared.has(backupId);
  await mergeProofs(target, keys, { before: there, news: here.filter(isShared) });
  try {
    await mergeProofs(source, keys, { before: here, news: there.filter(isShared) });
  } catch (error) {
    // A vault that can only be read is copied all the same.
    if (!cannotBeWritten(error)) throw error;
  }
}

async function mergeProofs(
  storage: Storage,
  keys: ObjectKeys,
  { before, news }: Readonly<{ before: readonly Proof[]; news: readonly Proof[] }>,
): Promise<void> {
  const known = new Map(before.map((proof) => [proof.backupId, proof]));
  for (const proof of news) await mergeProof(storage, keys, proof, known.get(proof.backupId));
}
