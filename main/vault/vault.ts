import type { ListingRoot, Manifest } from '../../shared/model/manifest.ts';
import type { Storage } from '../storage/storage.ts';
import type { ChunkReader, ChunkWriter } from './chunks/chunk-store.ts';
import type { ObjectKeys } from './format/sealed-object.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { ThreadKeys } from './keys/thread-keys.ts';
import type { Listing } from './listing/listing.ts';
import type { LiveLease } from './locks/lease.ts';
import type { ManifestStore } from './manifests/manifest-store.ts';
import type { BackupMarks } from './manifests/mark-reader.ts';
import type { ManifestList, StoredManifest } from './manifests/stored-manifest.ts';
import type { DamageList } from './upkeep/damage-list.ts';
import type { PackInventory } from './upkeep/pack-inventory.ts';

/** Reading needs no lock, but a lease: collecting waits for leases. Dispose it to end the lease. */
export interface VaultReader extends AsyncDisposable {
  readonly chunks: ChunkReader;
  /** For verify; what changes packs needs the writer's. */
  readonly packs: PackInventory;
  openListing(root: ListingRoot): Promise<Listing>;
}

export type WriterOptions = Readonly<{
  /** How long to wait for the lock. */
  waitMs?: number;
  signal?: AbortSignal;
  /** Something is to be stored: the thread that seals it is started at once. */
  willStore?: boolean;
  /** The generation of the lock is above this. */
  aboveGeneration?: number;
}>;

/** The one writer of a vault, under its lock. Dispose it to release the lock. */
export interface VaultWriter extends AsyncDisposable {
  /** Aborts when the lock is lost (asleep too long, taken over): nothing may be written any more. */
  readonly signal: AbortSignal;
  /** Rises with every holder of the lock. Stands in each manifest. */
  readonly generation: number;
  readonly chunks: ChunkReader & ChunkWriter;
  readonly packs: PackInventory;
  /** As it was when the writer was opened, less what was stored anew since. */
  readonly damage: DamageList;
  /** Looks into the storage again, before a step that only the holder of the lock may do; rejects when it is lost. */
  assertHeld(): Promise<void>;
  openListing(root: ListingRoot): Promise<Listing>;
  /** Flushes chunks, then writes the manifest: the commit point. Refused when the lock was lost. */
  commit(manifest: Manifest): Promise<void>;
  /** Moves a backup to the trash, from where it can come back for `keepMs`. */
  trash(backupId: string, keepMs: number): Promise<void>;
  undelete(backupId: string): Promise<void>;
}

export interface Vault extends AsyncDisposable {
  readonly id: string;
  readonly storage: Storage;
  readonly keys: ThreadKeys;
  /** For the marks that services keep in the vault (pins, proofs). */
  readonly objectKeys: ObjectKeys;
  /** The keys themselves and the manifests, for what looks after the vault as a whole. */
  readonly ring: KeyRing;
  readonly manifests: ManifestStore;
  /** All manifests, newest first; trashed ones too. Reads each once and remembers them while the vault is open. */
  listManifests(): Promise<ManifestList>;
  /** `not-found` or `damaged` by its id. Trashed ones are found too. */
  loadManifest(backupId: string): Promise<StoredManifest>;
  /** Pins and proofs; read once and remembered, too. */
  listMarks(): Promise<BackupMarks>;
  /** Who reads now. */
  listLeases(): Promise<readonly LiveLease[]>;
  openReader(purpose: string): Promise<VaultReader>;
  /** `busy` (with who and since when) unless the lock is free, its owner dead, or `waitMs` brings it. */
  openWriter(purpose: string, options?: WriterOptions): Promise<VaultWriter>;
}
