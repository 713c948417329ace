import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { momentMs } from '../../../shared/model/moment.ts';
import type { Storage } from '../../storage/storage.ts';
import { parseCheckedJson, renderCheckedJson } from '../format/checked-json.ts';

/** Owners rewrite their records this often. */
export const defaultHeartbeatMs = 30_000;
/** Heartbeats that may be missing before others take a record for dead (5 min), and before its owner does so itself. */
export const staleHeartbeats = 10;
export const lostHeartbeats = 8;

const maxRecordBytes = 4096;
const hex32 = z.string().regex(/^[0-9a-f]{32}$/);

/** Nothing in it tells whose host it is: `host` is a keyed hash, `place` a hash of it. */
const lockRecord = z.strictObject({
  format: z.literal(1),
  state: z.enum(['held', 'released']),
  /** Random for each time it is taken. */
  owner: hex32,
  host: hex32,
  place: hex32,
  purpose: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  /** By the clock of the storage, ms since 1970. */
  sinceMs: momentMs,
  checksum: z.string(),
});

export type LockRecord = Readonly<Omit<z.infer<typeof lockRecord>, 'checksum' | 'format'>>;

/** A record as it lies in storage; `record` is undefined when its bytes make no sense. */
export type FoundLock = Readonly<{ name: string; modifiedMs: number; record: LockRecord | undefined }>;

export function renderLockRecord(record: LockRecord): Buffer {
  // What its own reader would not take for a record would look damaged to everybody.
  lockRecord.omit({ checksum: true, format: true }).parse(record);
  return renderCheckedJson({ format: 1, ...record });
}

/** The records of one kind, by the start of their names. */
export async function findLocks(
  storage: Storage,
  prefix: string,
  signal?: AbortSignal,
): Promise<readonly FoundLock[]> {
  const options = signal === undefined ? {} : { signal };
  const found: FoundLock[] = [];
  for await (const { name, modifiedMs } of storage.list('locks/', options)) {
    if (!name.startsWith(prefix)) continue;
    const lock = await readLock(storage, name, signal);
    if (lock !== undefined) found.push({ name, modifiedMs, record: lock.record });
  }
  return found;
}

/** One record; undefined when it is not there. */
export async function readLock(
  storage: Storage,
  name: string,
  signal?: AbortSignal,
): Promise<Readonly<{ record: LockRecord | undefined }> | undefined> {
  try {
    return {
      record: parseLockRecord(
        await storage.read(name, maxRecordBytes, signal === undefined ? {} : { signal }),
      ),
    };
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') return undefined;
    const isNonsense =
      error instanceof AppError && (error.kind === 'damaged' || error.details['tooLarge'] === true);
    if (isNonsense) return { record: undefined };
    throw error;
  }
}

/** By the storage's clock. Far in the future counts as stale too: no living owner writes such a time. */
export function isStale(modifiedMs: number, nowMs: number, heartbeatMs: number): boolean {
  return Math.abs(nowMs - modifiedMs) > heartbeatMs * staleHeartbeats;
}

function parseLockRecord(bytes: Buffer): LockRecord | undefined {
  const parsed = lockRecord.safeParse(parseCheckedJson(bytes));
  if (!parsed.success) return undefined;
  const { state, owner, host, place, purpose, sinceMs } = parsed.data;
  return { state, owner, host, place, purpose, sinceMs };
}
