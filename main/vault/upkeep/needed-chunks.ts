import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { ListingRoot, Manifest } from '../../../shared/model/manifest.ts';
import { sourceText } from '../../../shared/model/component.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Listing } from '../listing/listing.ts';
import { missingBackups } from '../manifests/known-backups.ts';
import type { InTrash, ManifestList, ManifestState, StoredManifest } from '../manifests/stored-manifest.ts';
import type { PackInventory } from './pack-inventory.ts';

type Request = Readonly<{
  storage: Storage;
  manifests: ManifestList;
  inventory: PackInventory;
  openListing: (root: ListingRoot) => Promise<Listing>;
  signal: AbortSignal;
}>;

/**
 * For the number of each chunk 1 when any backup, live or in the trash, needs it. `damaged` when one manifest or listing does not
 * open: it may need anything.
 */
export async function findNeededChunks(request: Request): Promise<Uint8Array> {
  const [unreadable] = request.manifests.unreadable;
  if (unreadable !== undefined) throw unreadableBackup(unreadable, unreadable.reason);
  const [lost] = await missingBackups(request.storage);
  if (lost !== undefined) throw unreadableBackup({ backupId: lost, state: 'live' }, 'its manifest is gone.');
  const needed = new NeededChunks(request.inventory);
  // Most backups share the listings of sources that did not change.
  const done = new Set<string>();
  for (const stored of request.manifests.manifests) {
    for (const [name, root] of listingsOf(stored.manifest)) {
      const key = root.rootChunks.join();
      if (done.has(key)) continue;
      await addListing(request, needed, { stored, name, root });
      done.add(key);
    }
  }
  return needed.bits();
}

/** A bit map that grows with the inventory: reading may find packs that were not known before. */
class NeededChunks {
  readonly #inventory: PackInventory;
  #bits: Uint8Array;

  constructor(inventory: PackInventory) {
    this.#inventory = inventory;
    this.#bits = new Uint8Array(inventory.chunkCount);
  }

  add(id: Uint8Array): void {
    const number = this.#inventory.numberOf(id);
    // In no pack: it is lost, and no pack has to be kept for it.
    if (number === -1) return;
    if (number >= this.#bits.length) this.#grow();
    this.#bits[number] = 1;
  }

  bits(): Uint8Array {
    if (this.#bits.length < this.#inventory.chunkCount) this.#grow();
    return this.#bits;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#inventory.chunkCount);
    larger.set(this.#bits);
    this.#bits = larger;
  }
}

async function addListing(
  request: Request,
  needed: NeededChunks,
  { stored, name, root }: Readonly<{ stored: StoredManifest; name: string; root: ListingRoot }>,
): Promise<void> {
  try {
    const listing = await request.openListing(root);
    for await (const id of listing.allChunks()) {
      needed.add(id);
      request.signal.throwIfAborted();
    }
  } catch (error) {
    request.signal.throwIfAborted();
    if (error instanceof AppError && error.kind !== 'damaged' && error.kind !== 'not-found') throw error;
    throw unreadableBackup(
      { ...stored, backupId: stored.manifest.backupId },
      `the listing of ${name} does not open: ${messageOf(error)}`,
      error,
    );
  }
}

/** The listings of a manifest, by the text of their source. */
export function listingsOf(manifest: Manifest): readonly (readonly [string, ListingRoot])[] {
  return manifest.sources.flatMap((source) =>
    source.listing === undefined ? [] : [[sourceText(source), source.listing] as const],
  );
}

type InTheWay = Readonly<{ backupId: string; state: ManifestState }> & InTrash;

function unreadableBackup(backup: InTheWay, reason: string, cause?: unknown): AppError {
  const { backupId } = backup;
  const what = `Nothing was collected, because backup ${backupId} cannot be read and may need any data`;
  return new AppError('damaged', `${what}: ${reason} ${remedyOf(backup)}`, { cause, details: { backupId } });
}

function remedyOf({ state, deadlineMs }: InTheWay): string {
  if (state === 'live') return 'Run verify, then delete that backup if it is lost.';
  if (deadlineMs === undefined) return 'It is in the trash: delete it once more, then it is gone for good.';
  const when = `${new Date(deadlineMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `It is in the trash and goes for good on ${when}: collect again then.`;
}
