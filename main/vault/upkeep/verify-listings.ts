import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { ListingRoot, Manifest } from '../../../shared/model/manifest.ts';
import { packName } from '../chunks/pack-footer.ts';
import type { Listing } from '../listing/listing.ts';
import type { DamageReport, Needing } from './damage-report.ts';
import { listingsOf } from './needed-chunks.ts';
import type { PackInventory } from './pack-inventory.ts';
import type { DamagedCopies } from './verify-packs.ts';

type Request = Readonly<{
  manifests: readonly Manifest[];
  inventory: PackInventory;
  copies: DamagedCopies;
  /** Packs that no index object names: a commit writes the index first, so a backup that needs one lost its index object. */
  unindexed: ReadonlySet<string>;
  report: DamageReport;
  openListing: (root: ListingRoot) => Promise<Listing>;
  /** Looks into an opened listing more closely and says what is wrong by name; undefined to leave that out. */
  inspect: ((listing: Listing) => AsyncIterable<ListingProblem>) | undefined;
  signal: AbortSignal;
}>;

export type ListingProblem = Readonly<{ object: string; reason: string }>;

/**
 * Opens every listing once and names what is damaged or missing with each backup and source that needs it. Gives the ids of needed
 * chunks that no pack holds.
 */
export async function verifyListings(request: Request): Promise<readonly Uint8Array[]> {
  const missing: Uint8Array[] = [];
  // Most backups share the listings of sources that did not change.
  const known = new Map<string, readonly ListingProblem[]>();
  for (const { manifest, name, root } of allListings(request.manifests)) {
    request.signal.throwIfAborted();
    const key = root.rootChunks.join();
    const problems = known.get(key) ?? (await problemsOf(request, root, missing));
    known.set(key, problems);
    const needing: Needing = { backupId: manifest.backupId, source: name };
    for (const { object, reason } of problems) request.report.add(object, reason, needing);
  }
  return missing;
}

function* allListings(
  manifests: readonly Manifest[],
): Generator<Readonly<{ manifest: Manifest; name: string; root: ListingRoot }>> {
  for (const manifest of manifests) {
    for (const [name, root] of listingsOf(manifest)) yield { manifest, name, root };
  }
}

async function problemsOf(
  request: Request,
  root: ListingRoot,
  missing: Uint8Array[],
): Promise<readonly ListingProblem[]> {
  const problems = new Map<string, string>();
  try {
    const listing = await request.openListing(root);
    await findLostChunks(request, listing, { problems, missing });
    if (request.inspect !== undefined) {
      for await (const { object, reason } of request.inspect(listing)) problems.set(object, reason);
    }
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof AppError) || error.kind === 'unavailable' || error.kind === 'cancelled')
      throw error;
    nameLostRoot(request, root, problems);
    const object = `listing ${root.checksum.slice(0, 12)}`;
    problems.set(object, `The listing does not open: ${messageOf(error)}`);
  }
  return [...problems].map(([object, reason]) => ({ object, reason }));
}

type Found = Readonly<{ problems: Map<string, string>; missing: Uint8Array[] }>;

async function findLostChunks(request: Request, listing: Listing, found: Found): Promise<void> {
  for await (const id of listing.allChunks()) {
    request.signal.throwIfAborted();
    addLost(request, id, found);
  }
}

/** A listing whose root does not open says nothing of the rest, but of its root. */
function nameLostRoot(request: Request, root: ListingRoot, problems: Map<string, string>): void {
  for (const id of root.rootChunks) addLost(request, Buffer.from(id, 'hex'), { problems, missing: [] });
}

function addLost(
  { inventory, copies, unindexed }: Request,
  id: Uint8Array,
  { problems, missing }: Found,
): void {
  if (copies.isEmpty && unindexed.size === 0 && inventory.numberOf(id) !== -1) return;
  const packs = inventory.packsOf(id);
  if (packs.length > 0 && packs.every((packId) => unindexed.has(packId))) {
    problems.set('index', 'A part of the index is gone; the next backup writes it anew from the packs.');
  }
  if (packs.length === 0) {
    missing.push(Uint8Array.from(id));
    problems.set('packs', 'Data is in no pack: a pack and what the index said of it are gone.');
  } else if (packs.every((packId) => copies.has(id, packId))) {
    for (const packId of packs) {
      problems.set(packName(packId), 'A pack holds data that was found damaged and is in no other pack.');
    }
  }
}
