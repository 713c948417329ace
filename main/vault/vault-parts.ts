import { AppError } from '../../shared/lib/app-error.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Storage } from '../storage/storage.ts';
import { PackedChunkReader } from './chunks/chunk-reader.ts';
import { OpenPool } from './chunks/open-pool.ts';
import type { FreeSpaceRule } from './chunks/pack-writes.ts';
import { ChunkIndex } from './index/chunk-index.ts';
import { IndexStore } from './index/index-store.ts';
import type { IndexNote } from './index/index-notes.ts';
import { VaultInventory } from './index/vault-inventory.ts';
import type { InventoryWriting } from './index/vault-inventory.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { refreshKeys } from './keys/vault-keys.ts';
import type { VaultKeys } from './keys/vault-keys.ts';
import { ManifestStore } from './manifests/manifest-store.ts';
import { MarkReader } from './manifests/mark-reader.ts';

export type VaultPlace = Readonly<{
  storage: Storage;
  /** A folder of this host and user alone, for locks that end with their process. */
  hostLockFolder: string;
  /** What tells this host from others; only its keyed hash gets into the storage. */
  host: string;
  freeSpace: FreeSpaceRule;
  /** Is told what had to be passed over or repaired. */
  onNote: (note: Finding) => void;
}>;

/** What readers and the writer of one open vault share. */
export class VaultParts implements AsyncDisposable {
  readonly place: VaultPlace;
  readonly index = new ChunkIndex();
  readonly indexStore: IndexStore;
  #keys: VaultKeys;
  #manifests: ManifestStore;
  readonly marks: MarkReader;
  #pools: OpenPool[] = [];

  constructor(place: VaultPlace, keys: VaultKeys) {
    this.place = place;
    this.#keys = keys;
    const { storage } = place;
    this.#manifests = new ManifestStore(storage, () => keys.ring.objectKeys);
    this.marks = new MarkReader(storage, () => this.ring.objectKeys);
    this.indexStore = new IndexStore({ storage, keys: () => this.ring.objectKeys, index: this.index });
  }

  get storage(): Storage {
    return this.place.storage;
  }

  get keys(): VaultKeys {
    return this.#keys;
  }

  get ring(): KeyRing {
    return this.#keys.ring;
  }

  get hostHash(): string {
    return this.ring.hostHash(this.place.host);
  }

  get manifests(): ManifestStore {
    return this.#manifests;
  }

  /** Takes over changed keys; threads that open chunks start anew with them. */
  useKeys(keys: VaultKeys): void {
    if (keys.ring.vaultId !== this.ring.vaultId) {
      throw new AppError('refused', 'Another vault lies where this one was; open it anew.');
    }
    const isChanged = keys.ring.generation !== this.ring.generation;
    // With the same keys everything made from the ring goes on being used.
    this.#keys = isChanged ? keys : { ...keys, ring: this.ring };
    if (isChanged) {
      this.#manifests = new ManifestStore(this.storage, () => keys.ring.objectKeys);
    }
  }

  /** Another process may have rotated the master key: what it sealed since then is not damaged, but needs its key. */
  async refreshKeys(): Promise<void> {
    this.useKeys(await refreshKeys(this.storage, this.#keys));
  }

  newReader(signal?: AbortSignal): PackedChunkReader {
    return new PackedChunkReader({
      storage: this.storage,
      index: this.index,
      pool: this.pool(),
      refresh: async () => await this.#findNews(signal),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** One that knows what others wrote until now. */
  async newCurrentReader(): Promise<PackedChunkReader> {
    await this.refreshKeys();
    this.tell((await this.indexStore.load()).notes);
    return this.newReader();
  }

  newInventory(writing?: InventoryWriting): VaultInventory {
    const { storage, index, indexStore } = this;
    const { objectKeys } = this.ring;
    return new VaultInventory({ storage, index, indexStore, pool: this.pool(), objectKeys, writing });
  }

  tell(notes: readonly IndexNote[]): void {
    for (const { code, message, object } of notes) {
      this.place.onNote({ code, message, path: object });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pools = this.#pools;
    this.#pools = [];
    await Promise.all(pools.map(async (pool) => await pool[Symbol.asyncDispose]()));
  }

  /** What opens chunks with the present keys; pools of older rings stay for the readers that have them. */
  pool(): OpenPool {
    const last = this.#pools.at(-1);
    if (last?.keys === this.ring.threadKeys) {
      return last;
    }
    const pool = new OpenPool(this.ring.threadKeys);
    this.#pools.push(pool);
    return pool;
  }

  async #findNews(signal: AbortSignal | undefined): Promise<boolean> {
    const packsBefore = this.index.packsAdded;
    this.tell((await this.indexStore.load(signal)).notes);
    this.tell(await this.indexStore.reconcile(signal));
    return this.index.packsAdded > packsBefore;
  }
}
