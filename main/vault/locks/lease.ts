import { randomBytes } from 'node:crypto';
import type { FileLock } from '../../platform/file-lock.ts';
import { cannotBeWritten } from '../../storage/storage-error.ts';
import { releaseMs } from './held-writer-lock.ts';
import { openHostPlace } from './host-place.ts';
import type { HostPlace } from './host-place.ts';
import { defaultHeartbeatMs, findLocks, isStale, renderLockRecord } from './lock-record.ts';
import type { FoundLock, LockRecord } from './lock-record.ts';
import type { LockRequest } from './writer-lock.ts';

const prefix = 'locks/lease-';
const namePattern = /^locks\/lease-([0-9a-f]{32})$/u;

/** A reader's sign: as long as it is there, nothing is deleted at once. Dispose it to end it. */
export interface Lease extends AsyncDisposable {
  /** False where the storage cannot be written (read-only, full): reading goes on without a sign. */
  readonly isRecorded: boolean;
}

export type LiveLease = Readonly<{
  name: string;
  purpose: string | undefined;
  sinceMs: number;
  isThisHost: boolean;
}>;

/** Begins a lease; its record is renewed while it is held and ends with its owner. */
export async function openLease(request: LockRequest): Promise<Lease> {
  const { storage, signal, heartbeatMs = defaultHeartbeatMs } = request;
  const options = signal === undefined ? {} : { signal };
  const place = await openHostPlace(request.hostLockFolder, request.hostHash);
  const id = randomBytes(16).toString('hex');
  // First the lock, then the record: who sees the record can tell at any time whether its owner lives.
  const hostLock = await place.tryLock(lockFileOf(request.vaultId, id));
  if (hostLock === undefined) throw new Error(`the new lease ${id} is locked`);
  try {
    const record = newRecord(request, { place: place.id, owner: id, sinceMs: await storage.now(options) });
    await storage.put(`${prefix}${id}`, [renderLockRecord(record)], options);
    return heldLease({ request, record, hostLock, heartbeatMs });
  } catch (error) {
    await hostLock.removeAndRelease();
    // Nobody there deletes what is read, or it cannot be told.
    if (cannotBeWritten(error)) return unrecordedLease();
    throw error;
  }
}

/** The leases of living readers. Records of dead ones are removed. */
export async function listLeases(request: Omit<LockRequest, 'purpose'>): Promise<readonly LiveLease[]> {
  const { storage, signal, heartbeatMs = defaultHeartbeatMs } = request;
  const options = signal === undefined ? {} : { signal };
  const place = await openHostPlace(request.hostLockFolder, request.hostHash);
  const found = await findLocks(storage, prefix, signal);
  const nowMs = found.length === 0 ? 0 : await storage.now(options);
  const live: LiveLease[] = [];
  for (const lock of found) {
    const isDead =
      isStale(lock.modifiedMs, nowMs, heartbeatMs) || (await isOwnerDead(lock, place, request.vaultId));
    if (isDead) await storage.delete(lock.name, options);
    else live.push(liveLease(lock, request.hostHash));
  }
  return live;
}

/** Told by the owner's lock, where it was taken at our place; its file goes with it. */
async function isOwnerDead({ name, record }: FoundLock, place: HostPlace, vaultId: string): Promise<boolean> {
  const id = namePattern.exec(name)?.[1];
  if (id === undefined || record?.place !== place.id) return false;
  const ownersLock = await place.tryLock(lockFileOf(vaultId, id));
  await ownersLock?.removeAndRelease();
  return ownersLock !== undefined;
}

function liveLease({ name, modifiedMs, record }: FoundLock, hostHash: string): LiveLease {
  return {
    name,
    purpose: record?.purpose,
    sinceMs: record?.sinceMs ?? modifiedMs,
    isThisHost: record?.host === hostHash,
  };
}

function lockFileOf(vaultId: string, id: string): string {
  return `${vaultId}-lease-${id}.lock`;
}

function newRecord(
  { hostHash, purpose }: LockRequest,
  { place, owner, sinceMs }: Readonly<{ place: string; owner: string; sinceMs: number }>,
): LockRecord {
  return { state: 'held', owner, host: hostHash, place, purpose, sinceMs };
}

function heldLease({
  request: { storage },
  record,
  hostLock,
  heartbeatMs,
}: Readonly<{ request: LockRequest; record: LockRecord; hostLock: FileLock; heartbeatMs: number }>): Lease {
  const name = `${prefix}${record.owner}`;
  const ended = new AbortController();
  let beating: Promise<void> | undefined;
  const beat = async (): Promise<void> => {
    try {
      await storage.put(name, [renderLockRecord(record)], { signal: ended.signal });
    } catch {
      // Away for a moment: the next beat tries again. A reader that comes too late reads what is left, and checks all it reads.
    } finally {
      beating = undefined;
    }
  };
  const timer = setInterval(() => {
    beating ??= beat();
  }, heartbeatMs);
  timer.unref();
  return {
    isRecorded: true,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      if (ended.signal.aborted) return;
      ended.abort();
      await beating;
      try {
        await storage.delete(name, { signal: AbortSignal.timeout(releaseMs) });
      } catch {
        // The storage is away: the record ends by its age, or on this host by the lock that is released now.
      } finally {
        await hostLock.removeAndRelease();
      }
    },
  };
}

function unrecordedLease(): Lease {
  return { isRecorded: false, [Symbol.asyncDispose]: async () => await Promise.resolve() };
}
