import { isBackupId } from '../../../shared/model/backup-id.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { nextRevision, readKeyFile, writeKeyFile } from '../keys/key-file.ts';
import type { KeyFile, KeySlot } from '../keys/key-file.ts';
import { openRing, renderRing } from '../keys/ring-seal.ts';
import type { VaultKeys } from '../keys/vault-keys.ts';
import { ManifestReader } from '../manifests/manifest-reader.ts';

/** A vault's storage with its keys as they are now, and the storage of a copy. */
export type KeyRequest = Readonly<{ source: Storage; target: Storage; keys: VaultKeys }>;

/** Whether the copy has the slots and master keys of its vault. Needs no lock. */
export async function hasSameKeys({ source, target, keys }: KeyRequest): Promise<boolean> {
  const { file } = await readKeyFile(source);
  const there = await readKeyFileOrNone(target);
  return (
    there !== undefined && hasSameSlots(file, there) && masterKeysIn(there, keys) === keys.ring.generation
  );
}

/**
 * Gives a copy the slots and master keys of its vault: who lost a key there has none here either. Under the writer lock of the copy.
 * `refused` when the copy holds backups that the vault neither has nor could open.
 */
export async function carryKeys(request: KeyRequest): Promise<void> {
  const { source, target, keys } = request;
  if (await hasSameKeys(request)) return;
  await requireNothingForeign(request);
  const { file, bytes } = await readKeyFile(source);
  const revision = Math.max(file.revision, await nextRevision(target));
  const { vaultId, masters } = keys.ring;
  const { slots } = file;
  const carried = revision === file.revision ? bytes : renderRing(vaultId, revision, { slots, masters });
  if (await writeKeyFile(target, revision, carried)) return;
  throw new AppError('busy', `The keys of the copy at ${target.location} are being changed. Copy again.`);
}

/** Undefined where all of it is damaged: it is written anew. */
async function readKeyFileOrNone(storage: Storage): Promise<KeyFile | undefined> {
  try {
    return (await readKeyFile(storage)).file;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') return undefined;
    throw error;
  }
}

/** How many master keys there are, as far as our slot opens it. */
function masterKeysIn(file: KeyFile, { slotId, opener }: VaultKeys): number | undefined {
  try {
    return openRing(file, slotId, opener).generation;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function hasSameSlots(one: KeyFile, other: KeyFile): boolean {
  const lasting = ({ slots }: KeyFile): string =>
    slots
      .map((slot) => lastingText(slot))
      .toSorted()
      .join('\n');
  return lasting(one) === lasting(other);
}

/** What of a slot stays the same from one revision to the next. */
function lastingText({ ephemeralKey: _ephemeralKey, ringKey: _ringKey, ...slot }: KeySlot): string {
  return JSON.stringify(slot);
}

/** A copy that somebody used as a vault of its own may have another master key: its backups would be lost with it. */
async function requireNothingForeign({ source, target, keys: { ring } }: KeyRequest): Promise<void> {
  const { unreadable } = await new ManifestReader(target, () => ring.objectKeys).list();
  for (const { backupId } of unreadable) {
    // One that the source has is merely damaged at the copy: it is sent again.
    if (!isBackupId(backupId) || (await isThere(source, backupId))) continue;
    throw new AppError(
      'refused',
      `The copy at ${target.location} holds backup ${backupId}, which the keys of this vault do not open. Use connect to open the copy as a vault of its own.`,
    );
  }
}

async function isThere(storage: Storage, backupId: string): Promise<boolean> {
  for (const folder of ['backups', 'trash']) {
    if ((await storage.stat(`${folder}/${backupId}`)) !== undefined) return true;
  }
  return false;
}
