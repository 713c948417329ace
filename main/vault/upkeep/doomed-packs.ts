import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { momentMs } from '../../../shared/model/moment.ts';
import type { Storage } from '../../storage/storage.ts';
import { readSealedJson } from '../format/bounded-json.ts';
import { writeSealed } from '../format/sealed-file.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';

const doomedMark = z.strictObject({
  format: z.literal(1),
  /** By the clock of the storage. */
  doomedAtMs: momentMs,
  packs: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(1_000_000),
});

type Mark = Readonly<{ name: string; doomedAtMs: number; packs: readonly string[] }>;

export type DoomedPacks = Readonly<{
  /** When each pack was marked, in ms by the clock of the storage; the latest time when several marks name it. */
  doomedAtMs: ReadonlyMap<string, number>;
  marks: readonly Mark[];
  /** Marks that do not open. What they named counts as not marked, so it is kept longer, never shorter. */
  unreadable: readonly Readonly<{ object: string; reason: string }>[];
}>;

/** All marks under `doomed/`. */
export async function loadDoomed(storage: Storage, keys: ObjectKeys): Promise<DoomedPacks> {
  const marks: Mark[] = [];
  const unreadable: { object: string; reason: string }[] = [];
  for await (const { name } of storage.list('doomed/')) {
    try {
      const mark = await readMark(storage, keys, name);
      if (mark !== undefined) marks.push(mark);
    } catch (error) {
      if (!(error instanceof AppError && error.kind === 'damaged')) throw error;
      unreadable.push({ object: name, reason: messageOf(error) });
    }
  }
  const doomedAtMs = new Map<string, number>();
  for (const mark of marks) {
    for (const pack of mark.packs) {
      doomedAtMs.set(pack, Math.max(doomedAtMs.get(pack) ?? 0, mark.doomedAtMs));
    }
  }
  return { doomedAtMs, marks, unreadable };
}

/** Marks packs to be deleted by a later run. Only under the writer lock. */
export async function doomPacks(
  storage: Storage,
  keys: ObjectKeys,
  mark: Readonly<{ packs: readonly string[]; doomedAtMs: number }>,
): Promise<void> {
  if (mark.packs.length === 0) return;
  const name = `doomed/${randomBytes(16).toString('hex')}`;
  const bytes = Buffer.from(JSON.stringify({ format: 1, ...mark }), 'utf8');
  await writeSealed({ storage, keys, type: 'doomed', name }, bytes);
}

/**
 * Takes packs out of the marks, be it that they are needed again or that they are gone. Dying in between leaves a pack marked that
 * should not be: the next run looks at it again before anything is deleted.
 */
export async function releaseDoomed(
  storage: Storage,
  keys: ObjectKeys,
  request: Readonly<{ doomed: DoomedPacks; packs: ReadonlySet<string> }>,
): Promise<void> {
  for (const mark of request.doomed.marks) {
    const left = mark.packs.filter((pack) => !request.packs.has(pack));
    if (left.length === mark.packs.length && left.length > 0) continue;
    // The rest is marked anew before the old mark goes, with its old time.
    await doomPacks(storage, keys, { packs: left, doomedAtMs: mark.doomedAtMs });
    await storage.delete(mark.name);
  }
}

async function readMark(storage: Storage, keys: ObjectKeys, name: string): Promise<Mark | undefined> {
  try {
    const { doomedAtMs, packs } = await readSealedJson({ storage, keys, type: 'doomed', name }, doomedMark);
    return { name, doomedAtMs, packs };
  } catch (error) {
    // Released by the writer since it was listed.
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
