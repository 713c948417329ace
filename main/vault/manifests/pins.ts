import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isBackupId } from '../../../shared/model/backup-id.ts';
import { momentMs } from '../../../shared/model/moment.ts';
import type { Storage } from '../../storage/storage.ts';
import { readSealedJson } from '../format/bounded-json.ts';
import { writeSealed } from '../format/sealed-file.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';

const prefix = 'marks/pin-';
const pinMark = z.strictObject({ format: z.literal(1), pinnedAtMs: momentMs });

export type Pins = Readonly<{
  backupIds: ReadonlySet<string>;
  /** Pins that do not open. Their backups count as pinned: losing a mark must not delete a backup. */
  unreadable: readonly string[];
}>;

/** Keeps a backup out of retention; by the clock of the storage. Pinning twice is no error. */
export async function pinBackup(storage: Storage, keys: ObjectKeys, backupId: string): Promise<void> {
  const mark = { format: 1, pinnedAtMs: await storage.now() };
  const bytes = Buffer.from(JSON.stringify(mark), 'utf8');
  await writeSealed({ storage, keys, type: 'pin', name: prefix + backupId }, bytes);
}

export async function unpinBackup(storage: Storage, backupId: string): Promise<void> {
  await storage.delete(prefix + backupId);
}

export async function listPins(storage: Storage, keys: ObjectKeys): Promise<Pins> {
  const backupIds = new Set<string>();
  const unreadable: string[] = [];
  for await (const { name } of storage.list('marks/')) {
    const backupId = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!isBackupId(backupId)) continue;
    const state = await pinState(storage, keys, name);
    if (state !== 'gone') backupIds.add(backupId);
    if (state === 'unreadable') unreadable.push(name);
  }
  return { backupIds, unreadable };
}

async function pinState(
  storage: Storage,
  keys: ObjectKeys,
  name: string,
): Promise<'good' | 'unreadable' | 'gone'> {
  try {
    await readSealedJson({ storage, keys, type: 'pin', name }, pinMark);
    return 'good';
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return 'gone';
    if (error instanceof AppError && error.kind === 'damaged') return 'unreadable';
    throw error;
  }
}
