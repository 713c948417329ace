import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { FileLock } from '../../platform/file-lock.ts';
import { systemCode } from '../../storage/storage-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { openHostPlace } from './host-place.ts';
import type { HostPlace } from './host-place.ts';
import { HeldWriterLock } from './held-writer-lock.ts';
import { defaultHeartbeatMs } from './lock-record.ts';
import { claimWriter, findHolder } from './writer-claim.ts';
import type { Claim, Holder } from './writer-claim.ts';

/** The one right to write to a vault. Dispose it to release it. */
export interface WriterLock extends AsyncDisposable {
  /** Rises each time the lock is taken. */
  readonly generation: number;
  /** Aborts when the lock is lost: another took it over, or no heartbeat could be written for too long (away, asleep). */
  readonly signal: AbortSignal;
  /** Looks into the storage again, before a step that only the holder may do; rejects when the lock is lost. */
  assertHeld(): Promise<void>;
}

export type LockRequest = Readonly<{
  storage: Storage;
  /** 32 hexadecimal digits. */
  vaultId: string;
  /** Keyed hash of the host, 32 hexadecimal digits. */
  hostHash: string;
  /** A folder of this host and user alone, which outlives a restart of the machine. */
  hostLockFolder: string;
  /** What the lock is for, one word of `a`–`z` and `-`; readable in the storage. */
  purpose: string;
  signal?: AbortSignal;
  heartbeatMs?: number;
}>;

export type WriterLockRequest = LockRequest &
  Readonly<{
    /** How long to wait for another holder; not at all when undefined. */
    waitMs?: number;
    /** Time that has passed since some moment, sleep of the machine included, in ms; the system's own unless a test brings one. */
    elapsedMs?: () => number;
    /** The generation is above this: of whoever brings manifests and packs that were written under other locks. */
    aboveGeneration?: number;
  }>;

const maxPollMs = 1000;

/** Takes the lock, and sweeps what killed writers left. `busy` (since when, what for) when another holds it. */
export async function takeWriterLock(request: WriterLockRequest): Promise<WriterLock> {
  const { waitMs = 0, heartbeatMs = defaultHeartbeatMs, elapsedMs = systemElapsedMs } = request;
  // By its place: copies of a vault have the same id, and each has a writer of its own.
  const place = await openHostPlace(request.hostLockFolder, request.hostHash, request.storage.location);
  const deadline = elapsedMs() + waitMs;
  for (;;) {
    const taken = await tryTake(request, place);
    if ('claim' in taken) {
      const lock = new HeldWriterLock({ ...taken, storage: request.storage, heartbeatMs, elapsedMs });
      return await swept(lock, request);
    }
    const leftMs = deadline - elapsedMs();
    if (leftMs <= 0) throw busy(taken.holder, request);
    await pause(Math.min(leftMs, maxPollMs, heartbeatMs), request.signal);
  }
}

/** Why nobody here can write: a machine elsewhere, or another user of this one, holds the lock. Undefined: nobody does. */
export async function writerElsewhere(request: LockRequest): Promise<AppError | undefined> {
  const { storage, hostHash, hostLockFolder, purpose, signal } = request;
  const place = await openHostPlace(hostLockFolder, hostHash, storage.location);
  const heartbeatMs = request.heartbeatMs ?? defaultHeartbeatMs;
  // Without what has our place: whether its owner lives, only the lock of this host tells.
  const question = { storage, hostHash, purpose, signal, heartbeatMs, aboveGeneration: 0, placeId: place.id };
  const holder = await findHolder(question);
  return holder === undefined ? undefined : busy(holder, request);
}

/** Uneven, so that two who wait do not go on meeting. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms * (0.5 + Math.random() / 2), undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new AppError('cancelled', 'Waiting for the vault was cancelled.', { cause: error });
  }
}

type Taken = Readonly<{ claim: Claim; hostLock: FileLock }>;

async function tryTake(
  request: WriterLockRequest,
  place: HostPlace,
): Promise<Taken | Readonly<{ holder: Holder }>> {
  const {
    heartbeatMs = defaultHeartbeatMs,
    storage,
    hostHash,
    purpose,
    signal,
    aboveGeneration = 0,
  } = request;
  const claimRequest = { storage, hostHash, purpose, signal, heartbeatMs, aboveGeneration };
  const hostLock = await place.tryLock(`${request.vaultId}-writer.lock`);
  if (hostLock === undefined) {
    return { holder: (await findHolder({ ...claimRequest, placeId: undefined })) ?? { record: undefined } };
  }
  try {
    const claim = await claimOnFullDisk({ ...claimRequest, placeId: place.id });
    if ('generation' in claim) return { claim, hostLock };
    await hostLock[Symbol.asyncDispose]();
    return { holder: claim };
  } catch (error) {
    await hostLock[Symbol.asyncDispose]();
    throw error;
  }
}

/** A full disk has a reserve so that deleting works, and deleting needs the lock. */
async function claimOnFullDisk(request: Parameters<typeof claimWriter>[0]): Promise<Claim | Holder> {
  try {
    return await claimWriter(request);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    await request.storage.releaseReserve();
    return await claimWriter(request);
  }
}

async function swept(lock: WriterLock, { storage, signal }: WriterLockRequest): Promise<WriterLock> {
  try {
    await storage.sweepTemporary?.(signal === undefined ? {} : { signal });
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function busy({ record }: Holder, { storage, hostHash }: LockRequest): AppError {
  if (record === undefined) {
    return new AppError(
      'busy',
      `Another run is writing to the vault at ${storage.location}. Try again when it has ended.`,
    );
  }
  const since = new Date(record.sinceMs).toISOString();
  const isThisHost = record.host === hostHash;
  const where = isThisHost ? 'this machine' : 'another machine';
  return new AppError(
    'busy',
    `The vault at ${storage.location} is being written by ${where} (${record.purpose}, since ${since}). Try again when that has ended; if it was killed, in five minutes.`,
    { details: { since, purpose: record.purpose, isThisHost } },
  );
}

/** Counts while the machine sleeps, and no correction of the clock moves it. */
function systemElapsedMs(): number {
  return uptime() * 1000;
}
