import type { ListingRoot } from '../../shared/model/manifest.ts';
import type { ChunkReader } from './chunks/chunk-store.ts';
import type { Listing } from './listing/listing.ts';
import { openListing } from './listing/open-listing.ts';
import { openLease } from './locks/lease.ts';
import type { Lease } from './locks/lease.ts';
import type { PackInventory } from './upkeep/pack-inventory.ts';
import type { VaultReader } from './vault.ts';
import type { VaultParts } from './vault-parts.ts';

/** Begins a lease and brings the index up to date. */
export async function openReader(parts: VaultParts, purpose: string): Promise<VaultReader> {
  const { hostLockFolder } = parts.place;
  const { storage, hostHash } = parts;
  const lease = await openLease({ storage, vaultId: parts.ring.vaultId, hostHash, hostLockFolder, purpose });
  try {
    return new OpenedReader(parts, await parts.newCurrentReader(), lease);
  } catch (error) {
    await lease[Symbol.asyncDispose]();
    throw error;
  }
}

class OpenedReader implements VaultReader {
  readonly chunks: ChunkReader;
  readonly packs: PackInventory;
  readonly #lease: Lease;

  constructor(parts: VaultParts, chunks: ChunkReader, lease: Lease) {
    this.chunks = chunks;
    this.packs = parts.newInventory();
    this.#lease = lease;
  }

  async openListing(root: ListingRoot): Promise<Listing> {
    return await openListing(this.chunks, root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lease[Symbol.asyncDispose]();
  }
}
