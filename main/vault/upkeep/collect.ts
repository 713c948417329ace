import { AppError } from '../../../shared/lib/app-error.ts';
import type { ListingRoot } from '../../../shared/model/manifest.ts';
import type { Storage } from '../../storage/storage.ts';
import { packName } from '../chunks/pack-footer.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { PackUsage } from '../index/chunk-index.ts';
import type { IndexedPack } from '../index/pack-table.ts';
import type { Listing } from '../listing/listing.ts';
import type { LiveLease } from '../locks/lease.ts';
import type { ManifestStore } from '../manifests/manifest-store.ts';
import type { DamageList } from './damage-list.ts';
import { doomPacks, loadDoomed, releaseDoomed } from './doomed-packs.ts';
import type { DoomedPacks } from './doomed-packs.ts';
import { findNeededChunks } from './needed-chunks.ts';
import type { PackInventory } from './pack-inventory.ts';
import { withReserve } from './with-reserve.ts';

export type CollectRequest = Readonly<{
  storage: Storage;
  keys: ObjectKeys;
  manifests: ManifestStore;
  inventory: PackInventory;
  damage: DamageList;
  openListing: (root: ListingRoot) => Promise<Listing>;
  /** Rejects when the writer lock is lost: asked before every step that deletes. */
  assertHeld: () => Promise<void>;
  listLeases: () => Promise<readonly LiveLease[]>;
  /** Wall clock of this machine, ms since 1970. */
  now: () => number;
  /** Does not wait 24 h with what an earlier run marked where nobody can miss it: on a local storage that nobody reads. */
  immediate?: boolean;
  /** How much one run rewrites at most; 1 GiB unless said otherwise. */
  repackBytes?: number;
  signal: AbortSignal;
  onProgress?: (progress: Readonly<{ phase: CollectPhase; done: number; total: number }>) => void;
}>;

export type CollectPhase = 'mark' | 'delete' | 'repack';

export type CollectResult = Readonly<{
  /** Backups whose time in the trash was over. */
  purgedBackups: readonly string[];
  deletedPacks: number;
  deletedBytes: number;
  /** Found by this run, to be deleted by a later one. */
  doomedPacks: number;
  doomedBytes: number;
  /** Marked before and needed again. */
  releasedPacks: number;
  repackedPacks: number;
  /** Marked packs that wait: for their 24 h, or for somebody who reads. */
  waitingPacks: number;
}>;

const waitMs = 24 * 3600 * 1000;
const maxSkewMs = 5 * 60 * 1000;
const usualRepackBytes = 1024 ** 3;
/** Packs of which less is used are rewritten. */
const thinShare = 0.5;
/** When packs hold more that nothing needs than this part of what is needed, fuller ones are rewritten too, the emptiest first. */
const toleratedShare = 0.1;
const fullShare = 0.9;

/**
 * Deletes packs that no backup needs, in two runs: the first marks them, a later one looks again and deletes. Holds the writer lock,
 * so that nothing is committed meanwhile. Throws `refused` when the clocks differ, `damaged` when any manifest or listing
 * does not open; nothing was deleted then but backups whose time in the trash was over.
 */
export async function collectGarbage(request: CollectRequest): Promise<CollectResult> {
  return await withReserve(request.storage, async () => await collect(request));
}

async function collect(request: CollectRequest): Promise<CollectResult> {
  const { storage, keys, inventory, manifests } = request;
  const startedMs = await storageTime(request);
  await request.assertHeld();
  const purgedBackups = await manifests.purgeTrash();
  await inventory.load(request.signal);
  const doomed = await loadDoomed(storage, keys);
  inventory.setDoomed([...doomed.doomedAtMs.keys()], true);
  const needed = await findNeededChunks({ ...request, manifests: await manifests.list() });
  await request.assertHeld();

  const usage = inventory.usage(needed);
  const released = await releaseNeeded(request, doomed, usage);
  const deletion = await deleteDoomed(request, { usage, startedMs, doomed: await loadDoomed(storage, keys) });
  const repacked = await repackThin(request, needed);
  const found = await doomDead(request, { needed, startedMs, doomed });
  // What they named is marked anew now, or needed.
  for (const { object } of doomed.unreadable) await storage.delete(object);
  return {
    purgedBackups,
    ...deletion,
    doomedPacks: found.length,
    doomedBytes: found.reduce((sum, pack) => sum + pack.size, 0),
    releasedPacks: released,
    repackedPacks: repacked,
  };
}

/** Deadlines are by the clock of the storage, so both clocks must be right before any of them counts. */
async function storageTime({ storage, now }: CollectRequest): Promise<number> {
  const storageMs = await storage.now();
  const skewMs = Math.abs(storageMs - now());
  if (skewMs <= maxSkewMs) return storageMs;
  const minutes = Math.round(skewMs / 60_000);
  throw new AppError(
    'refused',
    `The clocks of this machine and of the storage differ by ${minutes} minutes. Set them right, then collect again.`,
  );
}

/** Marked packs that a backup needs again (it came back from the trash) are packs like others from now on. */
async function releaseNeeded(
  { storage, keys, inventory }: CollectRequest,
  doomed: DoomedPacks,
  usage: readonly PackUsage[],
): Promise<number> {
  const needed = usage.filter(({ pack, liveChunks }) => liveChunks > 0 && doomed.doomedAtMs.has(pack.id));
  const packs = needed.map(({ pack }) => pack.id);
  if (packs.length === 0) return 0;
  await releaseDoomed(storage, keys, { doomed, packs: new Set(packs) });
  inventory.setDoomed(packs, false);
  return packs.length;
}

type Deletion = Readonly<{ usage: readonly PackUsage[]; startedMs: number; doomed: DoomedPacks }>;

/**
 * Deletes what an earlier run had marked and this one found dead again. The marks go last: as long as an index object names a
 * deleted pack, no backup may rely on it.
 */
async function deleteDoomed(
  request: CollectRequest,
  { usage, startedMs, doomed }: Deletion,
): Promise<Pick<CollectResult, 'deletedPacks' | 'deletedBytes' | 'waitingPacks'>> {
  const { storage, keys, inventory, damage, signal, onProgress } = request;
  const dead = usage.filter(({ pack, liveChunks }) => liveChunks === 0 && doomed.doomedAtMs.has(pack.id));
  const leases = await request.listLeases();
  const isAtOnce = request.immediate === true && storage.isLocal && leases.length === 0;
  const oldestLeaseMs = Math.min(Number.POSITIVE_INFINITY, ...leases.map((lease) => lease.sinceMs));
  const isDue = ({ pack }: PackUsage): boolean => {
    const markedMs = doomed.doomedAtMs.get(pack.id) ?? startedMs;
    // Whoever began to read before the mark may have an index that leads here.
    return markedMs < oldestLeaseMs && (isAtOnce || startedMs - markedMs >= waitMs);
  };
  const due = dead.filter((candidate) => isDue(candidate)).map(({ pack }) => pack);
  await request.assertHeld();
  for (const [index, pack] of due.entries()) {
    signal.throwIfAborted();
    await storage.delete(packName(pack.id), { signal });
    onProgress?.({ phase: 'delete', done: index + 1, total: due.length });
  }
  const ids = due.map((pack) => pack.id);
  const missing = usage.filter(({ pack, liveChunks }) => liveChunks === 0 && pack.state === 'missing');
  await inventory.forget([...ids, ...missing.map(({ pack }) => pack.id)], signal);
  await damage.remove({ chunks: [], packs: ids });
  // Also packs that are gone already: a run may have died between deleting and this.
  const gone = [...doomed.doomedAtMs.keys()].filter((id) => !usage.some(({ pack }) => pack.id === id));
  await releaseDoomed(storage, keys, { doomed, packs: new Set([...ids, ...gone]) });
  return {
    deletedPacks: due.length,
    deletedBytes: due.reduce((sum, pack) => sum + pack.size, 0),
    waitingPacks: dead.length - due.length,
  };
}

/** Copies what is used of thin and of damaged packs into new ones, up to the bound; the old ones are dead then. */
async function repackThin(request: CollectRequest, needed: Uint8Array): Promise<number> {
  const chosen = chooseThin(request, request.inventory.usage(needed));
  if (chosen.length === 0) return 0;
  request.onProgress?.({ phase: 'repack', done: 0, total: chosen.length });
  await request.assertHeld();
  await request.inventory.repack(chosen, needed, request.signal);
  return chosen.length;
}

function chooseThin({ damage, repackBytes }: CollectRequest, usage: readonly PackUsage[]): readonly string[] {
  const used = usage.filter(({ pack, liveBytes }) => pack.state === 'present' && liveBytes > 0);
  let wasted = used.reduce((sum, { pack, liveBytes }) => sum + pack.chunkBytes - liveBytes, 0);
  const tolerated = used.reduce((sum, { liveBytes }) => sum + liveBytes, 0) * toleratedShare;
  const shareOf = ({ pack, liveBytes }: PackUsage): number =>
    damage.hasPack(pack.id) ? 0 : liveBytes / pack.chunkBytes;
  const chosen: string[] = [];
  let bytes = 0;
  for (const candidate of used.toSorted((left, right) => shareOf(left) - shareOf(right))) {
    const { pack, liveBytes } = candidate;
    const share = shareOf(candidate);
    if (share >= (wasted > tolerated ? fullShare : thinShare)) break;
    bytes += liveBytes;
    if (bytes > (repackBytes ?? usualRepackBytes)) break;
    wasted -= pack.chunkBytes - liveBytes;
    chosen.push(pack.id);
  }
  return chosen;
}

/** Marks what nothing needs. It is deleted by a later run, never by this one. */
async function doomDead(
  request: CollectRequest,
  { needed, startedMs, doomed }: Readonly<{ needed: Uint8Array; startedMs: number; doomed: DoomedPacks }>,
): Promise<readonly IndexedPack[]> {
  const { storage, keys, inventory } = request;
  const isUnmarked = ({ id, state }: IndexedPack): boolean =>
    state === 'present' || (state === 'altered' && !doomed.doomedAtMs.has(id));
  const found = inventory
    .usage(needed)
    .filter(({ pack, liveChunks }) => liveChunks === 0 && isUnmarked(pack))
    .map(({ pack }) => pack);
  await request.assertHeld();
  await doomPacks(storage, keys, { packs: found.map((pack) => pack.id), doomedAtMs: Math.floor(startedMs) });
  inventory.setDoomed(
    found.map((pack) => pack.id),
    true,
  );
  return found;
}
