import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isBackupId } from '../../../shared/model/backup-id.ts';
import { momentMs } from '../../../shared/model/moment.ts';
import type { Storage } from '../../storage/storage.ts';
import { readSealedJson } from '../format/bounded-json.ts';
import { writeSealed } from '../format/sealed-file.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';

const prefix = 'marks/proof-';

const proofMark = z.strictObject({
  format: z.literal(1),
  /** When a rehearsal last restored each of these sources (`sourceText`) of the backup, ms since 1970 by the storage's clock. */
  provenAtMs: z.record(z.string().max(300), momentMs),
});

/** Sources of one backup that a rehearsal proved, and when, in ms since 1970. */
export type Proof = Readonly<{ backupId: string; provenAtMs: Readonly<Record<string, number>> }>;

/** Remembers in the vault that these sources of a backup were restored in a rehearsal just now. */
export async function recordProof(
  storage: Storage,
  keys: ObjectKeys,
  proven: Readonly<{ backupId: string; sources: readonly string[] }>,
): Promise<void> {
  const before = await readProof(storage, keys, proven.backupId);
  const nowMs = await storage.now();
  const provenAtMs = { ...before?.provenAtMs };
  for (const source of proven.sources) provenAtMs[source] = nowMs;
  await writeProof(storage, keys, { backupId: proven.backupId, provenAtMs });
}

/** Takes over what another storage of the vault knows to be proven; `before` is what is known here. */
export async function mergeProof(
  storage: Storage,
  keys: ObjectKeys,
  proof: Proof,
  before: Proof | undefined,
): Promise<void> {
  const provenAtMs = { ...before?.provenAtMs };
  for (const [source, atMs] of Object.entries(proof.provenAtMs)) {
    provenAtMs[source] = Math.max(atMs, provenAtMs[source] ?? 0);
  }
  const hasNews = Object.entries(provenAtMs).some(([source, atMs]) => before?.provenAtMs[source] !== atMs);
  if (hasNews) await writeProof(storage, keys, { backupId: proof.backupId, provenAtMs });
}

/** The backup of which an object of this name proves something, if any. */
export function provenBy(name: string): string | undefined {
  const backupId = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return isBackupId(backupId) ? backupId : undefined;
}

/** Proofs that do not open prove nothing and are left out. */
export async function listProofs(storage: Storage, keys: ObjectKeys): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  for await (const { name } of storage.list('marks/')) {
    const backupId = provenBy(name);
    if (backupId === undefined) continue;
    const proof = await readProof(storage, keys, backupId);
    if (proof !== undefined) proofs.push(proof);
  }
  return proofs;
}

/** Drops what is known of a backup that is gone for good. */
export async function forgetProof(storage: Storage, backupId: string): Promise<void> {
  await storage.delete(prefix + backupId);
}

async function writeProof(storage: Storage, keys: ObjectKeys, proof: Proof): Promise<void> {
  const bytes = Buffer.from(JSON.stringify({ format: 1, provenAtMs: proof.provenAtMs }), 'utf8');
  await writeSealed({ storage, keys, type: 'proof', name: prefix + proof.backupId }, bytes);
}

/** Undefined where there is none, or none that opens. */
export async function readProof(
  storage: Storage,
  keys: ObjectKeys,
  backupId: string,
): Promise<Proof | undefined> {
  try {
    const file = { storage, keys, type: 'proof', name: prefix + backupId } as const;
    return { backupId, provenAtMs: (await readSealedJson(file, proofMark)).provenAtMs };
  } catch (error) {
    if (error instanceof AppError && (error.kind === 'not-found' || error.kind === 'damaged'))
      return undefined;
    throw error;
  }
}
