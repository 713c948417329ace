import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isBackupId } from '../../../shared/model/backup-id.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { momentMs } from '../../../shared/model/moment.ts';
import type { Storage } from '../../storage/storage.ts';
import { readSealedJson } from '../format/bounded-json.ts';
import { writeSealed } from '../format/sealed-file.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';

const prefix = 'marks/pin-';
const copySuffix = '-copy';
const pinMark = z.strictObject({ format: z.literal(1), pinnedAtMs: momentMs });

/** The backup that an object of this name pins, if any. */
export function pinnedBy(name: string): string | undefined {
  const backupId = name.startsWith(prefix) ? name.slice(prefix.length).replace(/-copy$/u, '') : '';
  return isBackupId(backupId) ? backupId : undefined;
}

export type Pins = Readonly<{
  /** With one mark at least, be it one that does not open: losing a mark must not delete a backup. */
  backupIds: ReadonlySet<string>;
  /** Marks that do not open, or are gone while the other of their backup is there; `path` is the object. */
  problems: readonly Finding[];
}>;

/** Keeps a backup out of retention; by the clock of the storage. Marked twice, so that a lost mark is missed. Pinning twice is no error. */
export async function pinBackup(storage: Storage, keys: ObjectKeys, backupId: string): Promise<void> {
  const pinnedAtMs = await storage.now();
  for (const name of marksOf(backupId)) await writeMark(storage, keys, name, pinnedAtMs);
}

/** One that is cut off leaves a pin. */
export async function unpinBackup(storage: Storage, backupId: string): Promise<void> {
  for (const name of marksOf(backupId)) await storage.delete(name);
}

export async function listPins(storage: Storage, keys: ObjectKeys): Promise<Pins> {
  const marks = await readMarks(storage, keys);
  return {
    backupIds: new Set(marks.map(({ backupId }) => backupId)),
    problems: marks.filter(({ state }) => state !== 'good').map(problemOf),
  };
}

/** Writes lost and damaged marks anew. Under the writer lock; an unpinning meanwhile may have to be done once more. */
export async function repairPins(storage: Storage, keys: ObjectKeys): Promise<readonly Finding[]> {
  const lost = (await readMarks(storage, keys)).filter(({ state }) => state !== 'good');
  if (lost.length === 0) return [];
  const nowMs = await storage.now();
  for (const { name } of lost) await writeMark(storage, keys, name, nowMs);
  return lost.map(problemOf);
}

type Mark = Readonly<{ backupId: string; name: string; state: 'good' | 'damaged' | 'missing' }>;

/** Both marks of every backup that has one. */
async function readMarks(storage: Storage, keys: ObjectKeys): Promise<readonly Mark[]> {
  const backupIds = new Set<string>();
  for await (const { name } of storage.list('marks/')) {
    const backupId = pinnedBy(name);
    if (backupId !== undefined) backupIds.add(backupId);
  }
  const marks: Mark[] = [];
  for (const backupId of backupIds) {
    const both: Mark[] = [];
    for (const name of marksOf(backupId)) {
      both.push({ backupId, name, state: await markState(storage, keys, name) });
    }
    // Both have just been deleted: it is pinned no more.
    if (both.some(({ state }) => state !== 'missing')) marks.push(...both);
  }
  return marks;
}

function marksOf(backupId: string): readonly string[] {
  return [prefix + backupId, prefix + backupId + copySuffix];
}

async function writeMark(
  storage: Storage,
  keys: ObjectKeys,
  name: string,
  pinnedAtMs: number,
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify({ format: 1, pinnedAtMs }), 'utf8');
  await writeSealed({ storage, keys, type: 'pin', name }, bytes);
}

async function markState(storage: Storage, keys: ObjectKeys, name: string): Promise<Mark['state']> {
  try {
    await readSealedJson({ storage, keys, type: 'pin', name }, pinMark);
    return 'good';
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return 'missing';
    if (error instanceof AppError && error.kind === 'damaged') return 'damaged';
    throw error;
  }
}

function problemOf({ backupId, name, state }: Mark): Finding {
  const message = `One of the two marks that backup ${backupId} is pinned (${name}) is ${state}. The next backup writes it anew.`;
  return { code: 'pin-mark', path: name, message };
}
