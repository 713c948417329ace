import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { ListingRoot, Manifest } from '../../../shared/model/manifest.ts';
import { cannotBeWritten } from '../../storage/storage-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ChunkReader } from '../chunks/chunk-store.ts';
import { packName } from '../chunks/pack-footer.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Listing } from '../listing/listing.ts';
import type { ManifestStore } from '../manifests/manifest-store.ts';
import { DamageList } from './damage-list.ts';
import type { Damage } from './damage-list.ts';
import { DamageReport } from './damage-report.ts';
import type { DamagedObject } from './damage-report.ts';
import type { PackInventory } from './pack-inventory.ts';
import { listingsOf } from './needed-chunks.ts';
import { ContentCheck } from './verify-content.ts';
import { verifyListings } from './verify-listings.ts';
import { verifyObjects } from './verify-objects.ts';
import { shareOf, verifyPacks } from './verify-packs.ts';
import type { DamagedCopies, PackShare, PacksVerified } from './verify-packs.ts';

export type VerifyRequest = Readonly<{
  storage: Storage;
  ring: KeyRing;
  manifests: ManifestStore;
  inventory: PackInventory;
  reader: ChunkReader;
  openListing: (root: ListingRoot) => Promise<Listing>;
  /** Only these backups' listings and content, and no packs that they do not need; the whole vault when undefined. */
  backupIds?: readonly string[];
  /**
   * `full` reads all packs and the content of all files; a sample one of so many shares of the packs, and at least one pack of each
   * source. Whoever counts `part` up comes round to all. `after`: packs up to this one were read by a run that was cut off.
   */
  data: 'none' | 'full' | Readonly<{ part: number; parts: number; after?: string | undefined }>;
  signal: AbortSignal;
  onProgress?: (progress: VerifyProgress) => void;
  /** Is told each pack that was read, in order: where a run that is cut off may go on. */
  onPack?: ((packId: string) => void) | undefined;
}>;

/** First packs, then files, whose bytes nobody has counted before. */
export type VerifyProgress =
  | Readonly<{ reading: 'packs'; doneBytes: number; totalBytes: number }>
  | Readonly<{ reading: 'files'; doneBytes: number }>;

export type VerifyResult = Readonly<{
  ok: boolean;
  /** Of packs, as they are stored, that were read whole. */
  checkedBytes: number;
  /** Of files that were put together again from these packs and are what their checksums say; 0 unless all is read. */
  contentBytes: number;
  damaged: readonly DamagedObject[];
  /** What could not be done besides. */
  notes?: readonly string[];
  /** On the damage list, but the best copy was read and is right: to be taken off it under the writer lock. */
  healed: Damage;
  /** Parts of the damage list do not open, and all that they may have named was found anew: to be dropped by `rewrite`. */
  isListRebuilt: boolean;
}>;

/**
 * Checks a vault under a lease, without the writer lock: all objects by their structure, packs as far as `data` says. What is damaged
 * is named with the backups and sources that need it, and is on the damage list when this resolves. Throws only what is no damage
 * (`unavailable`, `cancelled`, `not-found` for a backup).
 */
export async function verifyVault(request: VerifyRequest): Promise<VerifyResult> {
  const { storage, ring, inventory, signal } = request;
  const report = new DamageReport();
  const doomed = await verifyObjects(storage, ring, report);
  inventory.setDoomed([...doomed], true);
  // Before the index is loaded: what a backup needs is in the index before the backup is there.
  const manifests = await chooseManifests(request, report);
  const { notes, unreadable } = await inventory.load(signal);
  for (const { object, message } of notes) report.add(object, message);
  for (const id of unreadable) report.add(packName(id), 'Neither the pack nor the index says what it holds.');

  const share = await shareOfRun(request, manifests);
  const only = request.backupIds === undefined ? undefined : await packsOf(request, allListings(manifests));
  const onPack = (packId: string): void => request.onPack?.(packId);
  const onProgress = (doneBytes: number, totalBytes: number): void =>
    request.onProgress?.({ reading: 'packs', doneBytes, totalBytes });
  const packs = await verifyPacks({ inventory, doomed, report, share, only, signal, onProgress, onPack });
  const list = await DamageList.load(storage, ring.objectKeys);
  if (packs.isCut) {
    // Whoever goes on there does not read these packs again.
    await noteDamage(list, { chunks: lostChunks(inventory, packs, packs.copies), packs: packs.damaged });
    signal.throwIfAborted();
  }
  const copies = withListed(request, packs, list);
  let contentBytes = 0;
  const onBytes = (bytes: number): void => {
    contentBytes += bytes;
    request.onProgress?.({ reading: 'files', doneBytes: contentBytes });
  };
  const content = new ContentCheck(request.reader, { signal, onBytes });
  const inspect = request.data === 'full' ? (listing: Listing) => content.problems(listing) : undefined;
  const unindexed = inventory.unindexed();
  const missing = await verifyListings({ ...request, manifests, copies, unindexed, report, inspect });
  const lost = lostChunks(inventory, packs, copies);
  const note = await noteDamage(list, { chunks: [...lost, ...missing], packs: packs.damaged });
  return {
    ok: report.isEmpty,
    checkedBytes: packs.checkedBytes,
    contentBytes,
    damaged: report.objects(),
    ...(note === undefined ? {} : { notes: [note] }),
    healed: healedOf(request, packs, list),
    isListRebuilt: list.problems.length > 0 && request.data === 'full' && request.backupIds === undefined,
  };
}

/** A chunk that was stored anew is needed no more where it is damaged; listed again, it would be kept and stored for ever. */
function lostChunks(
  inventory: PackInventory,
  { collected }: PacksVerified,
  copies: DamagedCopies,
): readonly Uint8Array[] {
  return copies.chunks().filter((id) => {
    const [best = ''] = inventory.packsOf(id);
    return copies.has(id, best) && !collected.has(best);
  });
}

/** What was found must be told also where it cannot be written down: then this gives the reason. */
async function noteDamage(list: DamageList, damage: Damage): Promise<string | undefined> {
  try {
    await list.add(damage);
    return undefined;
  } catch (error) {
    if (!cannotBeWritten(error)) throw error;
    return `What is damaged could not be noted for the next backup: ${messageOf(error)}`;
  }
}

async function chooseManifests(request: VerifyRequest, report: DamageReport): Promise<readonly Manifest[]> {
  const { manifests, unreadable } = await request.manifests.list();
  const { backupIds } = request;
  const isWanted = (backupId: string): boolean => backupIds === undefined || backupIds.includes(backupId);
  for (const { backupId, state, reason } of unreadable) {
    if (!isWanted(backupId)) continue;
    report.add(`${state === 'live' ? 'backups' : 'trash'}/${backupId}`, reason, { backupId });
  }
  const known = new Set([
    ...manifests.map(({ manifest }) => manifest.backupId),
    ...unreadable.map((each) => each.backupId),
  ]);
  const unknown = backupIds?.find((backupId) => !known.has(backupId));
  if (unknown !== undefined)
    throw new AppError('not-found', `There is no backup ${unknown}. List the backups with list.`);
  return manifests.map(({ manifest }) => manifest).filter(({ backupId }) => isWanted(backupId));
}

async function shareOfRun(request: VerifyRequest, manifests: readonly Manifest[]): Promise<PackShare> {
  const { data } = request;
  if (data === 'none') return data;
  if (data === 'full') return 'all';
  const { part, parts, after = '' } = data;
  const also = new Set<string>();
  for (const root of newestListings(manifests)) {
    const packs = [...(await packsOf(request, [root]))].toSorted();
    const isSampled = packs.some((packId) => shareOf(packId, parts) === part % parts);
    const one = packs[part % packs.length];
    if (!isSampled && one !== undefined) also.add(one);
  }
  return { part, parts, also, after };
}

function allListings(manifests: readonly Manifest[]): readonly ListingRoot[] {
  return manifests.flatMap((manifest) => listingsOf(manifest).map(([, root]) => root));
}

/** One of each source of each install. */
function newestListings(newestFirst: readonly Manifest[]): Iterable<ListingRoot> {
  const newest = new Map<string, ListingRoot>();
  for (const manifest of newestFirst) {
    for (const [source, root] of listingsOf(manifest)) {
      const key = `${manifest.installId} ${source}`;
      if (!newest.has(key)) newest.set(key, root);
    }
  }
  return newest.values();
}

/** The packs that these listings need, as far as they open. */
async function packsOf(
  request: VerifyRequest,
  listings: readonly ListingRoot[],
): Promise<ReadonlySet<string>> {
  const packs = new Set<string>();
  for (const root of listings) {
    for (const id of root.rootChunks) addAll(packs, request.inventory.packsOf(Buffer.from(id, 'hex')));
    try {
      const listing = await request.openListing(root);
      for await (const id of listing.allChunks()) addAll(packs, request.inventory.packsOf(id));
    } catch (error) {
      // That it does not open is said when the listings are checked.
      if (!(error instanceof AppError) || error.kind === 'unavailable' || error.kind === 'cancelled')
        throw error;
    }
  }
  return packs;
}

function addAll(set: Set<string>, items: readonly string[]): void {
  for (const item of items) set.add(item);
}

/** What an earlier check found damaged counts, unless it was read now and is right. */
function withListed(
  { inventory }: VerifyRequest,
  { copies, sound }: PacksVerified,
  list: DamageList,
): DamagedCopies {
  for (const chunk of list.contents().chunks) {
    for (const packId of inventory.packsOf(chunk)) if (!sound.has(packId)) copies.add(packId, [chunk]);
  }
  return copies;
}

function healedOf({ inventory }: VerifyRequest, { sound }: PacksVerified, list: DamageList): Damage {
  const { chunks, packs } = list.contents();
  const isSound = (chunk: Uint8Array): boolean => sound.has(inventory.packsOf(chunk)[0] ?? '');
  return { chunks: chunks.filter(isSound), packs: packs.filter((packId) => sound.has(packId)) };
}
