import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { findLocks, isStale, renderLockRecord } from './lock-record.ts';
import type { FoundLock, LockRecord } from './lock-record.ts';

const prefix = 'locks/writer-';
const namePattern = /^locks\/writer-(\d{12})$/u;
const maxGeneration = 999_999_999_999;

export type ClaimRequest = Readonly<{
  storage: Storage;
  hostHash: string;
  purpose: string;
  heartbeatMs: number;
  signal: AbortSignal | undefined;
  aboveGeneration: number;
  /** The place whose lock we hold, so that its owners are dead; undefined when we do not hold it. */
  placeId: string | undefined;
}>;

type OwnPlace = Readonly<{ placeId: string }>;

export type Claim = Readonly<{ name: string; generation: number; record: LockRecord }>;

/** Who holds the lock; `record` is undefined when that cannot be read. */
export type Holder = Readonly<{ record: LockRecord | undefined }>;

type Survey = Readonly<{ highest: number; live: readonly Holder[]; found: readonly FoundLock[] }>;

export function generationOf(name: string): number | undefined {
  const digits = namePattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Who holds the lock now; undefined: nobody. */
export async function findHolder(request: ClaimRequest): Promise<Holder | undefined> {
  return (await survey(request, undefined)).live[0];
}

/**
 * Takes the lock or tells who has it. The claim is a new object whose name holds the next generation: of two who race for it the
 * storage lets one through. Whoever comes through looks again, since the list it started from may have been old.
 */
export async function claimWriter(request: ClaimRequest & OwnPlace): Promise<Claim | Holder> {
  const { storage, signal } = request;
  const options = signal === undefined ? {} : { signal };
  const before = await survey(request, undefined);
  const [holder] = before.live;
  if (holder !== undefined) return holder;
  const claim = await newClaim(request, Math.max(before.highest, request.aboveGeneration) + 1);
  if (!(await storage.putIfAbsent(claim.name, [renderLockRecord(claim.record)], options)))
    return { record: undefined };
  try {
    const rival = await findRival(request, claim);
    if (rival === undefined) return claim;
    await storage.delete(claim.name);
    return rival;
  } catch (error) {
    await removeAll(storage, [claim.name]);
    throw error;
  }
}

/** Who else came through; undefined: nobody, and the records before ours are removed. */
async function findRival(request: ClaimRequest, claim: Claim): Promise<Holder | undefined> {
  const { highest, live, found } = await survey(request, claim.name);
  if (highest > claim.generation || live.length > 0) return live[0] ?? { record: undefined };
  await removeAll(
    request.storage,
    found.map(({ name }) => name),
  );
  return undefined;
}

async function newClaim(request: ClaimRequest & OwnPlace, generation: number): Promise<Claim> {
  if (generation > maxGeneration) {
    throw new AppError(
      'damaged',
      `The names in locks/ at ${request.storage.location} are damaged. Remove what lies there.`,
    );
  }
  return {
    name: `${prefix}${String(generation).padStart(12, '0')}`,
    generation,
    record: {
      state: 'held',
      owner: randomBytes(16).toString('hex'),
      host: request.hostHash,
      place: request.placeId,
      purpose: request.purpose,
      sinceMs: await request.storage.now(request.signal === undefined ? {} : { signal: request.signal }),
    },
  };
}

async function survey(request: ClaimRequest, except: string | undefined): Promise<Survey> {
  const { storage, heartbeatMs, placeId, signal } = request;
  const all = await findLocks(storage, prefix, signal);
  const found = all.filter(({ name }) => name !== except && generationOf(name) !== undefined);
  const open = found.filter(
    ({ record }) => record?.state !== 'released' && (placeId === undefined || record?.place !== placeId),
  );
  const nowMs = open.length === 0 ? 0 : await storage.now(signal === undefined ? {} : { signal });
  return {
    highest: Math.max(0, ...found.map(({ name }) => generationOf(name) ?? 0)),
    live: open.flatMap(({ modifiedMs, record }) =>
      isStale(modifiedMs, nowMs, heartbeatMs) ? [] : [{ record }],
    ),
    found,
  };
}

/** Records that only cost time: one that cannot be removed now may stay. */
async function removeAll(storage: Storage, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await storage.delete(name);
    } catch {
      // The next holder tries again.
    }
  }
}
