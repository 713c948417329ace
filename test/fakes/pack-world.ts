import { createHash } from 'node:crypto';
import { AppError } from '../../shared/lib/app-error.ts';
import type { ListingRoot, Manifest } from '../../shared/model/manifest.ts';
import { packIdOf, packName } from '../../main/vault/chunks/pack-footer.ts';
import { ChunkIndex } from '../../main/vault/index/chunk-index.ts';
import type { KeyRing } from '../../main/vault/keys/key-ring.ts';
import type { FileEntry } from '../../main/vault/listing/entry.ts';
import type { Listing } from '../../main/vault/listing/listing.ts';
import type { LiveLease } from '../../main/vault/locks/lease.ts';
import { ManifestStore } from '../../main/vault/manifests/manifest-store.ts';
import { collectGarbage } from '../../main/vault/upkeep/collect.ts';
import type { CollectRequest, CollectResult } from '../../main/vault/upkeep/collect.ts';
import { DamageList } from '../../main/vault/upkeep/damage-list.ts';
import { loadDoomed } from '../../main/vault/upkeep/doomed-packs.ts';
import type { PackCheck, PackInventory } from '../../main/vault/upkeep/pack-inventory.ts';
import { MemoryStorage } from './memory-storage.ts';
import { createTestManifest, createTestSource, testChunkId } from './test-manifest.ts';
import { createTestRing } from './test-ring.ts';

type FakePack = Readonly<{ generation: number; chunks: readonly string[] }>;

const chunkBytes = 100;
const noTable = { count: 0, ids: Buffer.alloc(0), lengths: new Uint32Array(0), used: new Uint32Array(0) };

/** A vault whose packs are plain texts of chunk names, and whose listings need the chunks that their roots name. */
export class PackWorld {
  readonly ring: KeyRing;
  storage: MemoryStorage;
  skewMs = 0;
  leases: LiveLease[] = [];
  /** Run by every listing that is opened. */
  onOpenListing: (() => void | Promise<void>) | undefined;
  #generation = 1;

  constructor(storage = new MemoryStorage(), ring = createTestRing()) {
    this.storage = storage;
    this.ring = ring;
  }

  get manifests(): ManifestStore {
    return new ManifestStore(this.storage, () => this.ring.objectKeys);
  }

  inventory(): FakeInventory {
    return new FakeInventory(this.storage);
  }

  /** Stores chunks like a backup does: what is known already, and not doomed, is not stored again. Then commits. */
  async backup(chunks: readonly string[], overrides: Partial<Manifest> = {}): Promise<string> {
    const inventory = this.inventory();
    await inventory.load();
    inventory.setDoomed([...(await loadDoomed(this.storage, this.ring.objectKeys)).doomedAtMs.keys()], true);
    const wanted = chunks.filter((name) => !inventory.isKnown(name));
    if (wanted.length > 0) await this.addPack(wanted);
    const source = createTestSource('memory', 'agent-echo-workspace', chunks);
    const manifest = createTestManifest(this.ring.vaultId, { sources: [source], ...overrides });
    await this.manifests.commit(manifest);
    return manifest.backupId;
  }

  async addPack(chunks: readonly string[]): Promise<string> {
    this.#generation += 1;
    return await writePack(this.storage, { generation: this.#generation, chunks });
  }

  async collect(options: Partial<CollectRequest> = {}): Promise<CollectResult> {
    const { storage, ring } = this;
    return await collectGarbage({
      storage,
      keys: ring.objectKeys,
      manifests: this.manifests,
      inventory: this.inventory(),
      damage: await DamageList.load(storage, ring.objectKeys),
      openListing: async (root) => await this.openListing(root),
      assertHeld: async () => undefined,
      listLeases: async () => this.leases,
      now: () => storage.nowMs + this.skewMs,
      signal: new AbortController().signal,
      ...options,
    });
  }

  async openListing(root: ListingRoot): Promise<Listing> {
    await this.onOpenListing?.();
    const inventory = this.inventory();
    await inventory.load();
    if (root.rootChunks.some((id) => inventory.packsOf(Buffer.from(id, 'hex')).length === 0)) {
      throw new AppError('damaged', 'A chunk of the listing is missing.');
    }
    return fakeListing(root);
  }

  /** Ids of the backups, live or in the trash, of which a chunk is gone. */
  async brokenBackups(): Promise<readonly string[]> {
    const inventory = this.inventory();
    await inventory.load();
    const { manifests } = await this.manifests.list();
    const isWhole = ({ sources }: Manifest): boolean =>
      sources.every((source) =>
        (source.listing?.rootChunks ?? []).every(
          (id) => inventory.packsOf(Buffer.from(id, 'hex')).length > 0,
        ),
      );
    return manifests.filter(({ manifest }) => !isWhole(manifest)).map(({ manifest }) => manifest.backupId);
  }

  packCount(): number {
    return this.storage.names('packs/').length;
  }
}

export class FakeInventory implements PackInventory {
  readonly #storage: MemoryStorage;
  #index = new ChunkIndex();
  checks = new Map<string, PackCheck>();
  notIndexed = new Set<string>();

  constructor(storage: MemoryStorage) {
    this.#storage = storage;
  }

  get chunkCount(): number {
    return this.#index.chunkCount;
  }

  async load(): Promise<Readonly<{ notes: readonly never[]; unreadable: readonly string[] }>> {
    this.#index = new ChunkIndex();
    for await (const { name } of this.#storage.list('packs/')) {
      const id = packIdOf(name);
      if (id !== undefined) await this.#addPack(id);
    }
    return { notes: [], unreadable: [] };
  }

  isKnown(name: string): boolean {
    return this.#index.isKnown(testChunkId(name));
  }

  packs() {
    return this.#index.packs();
  }

  numberOf(id: Uint8Array): number {
    return this.#index.numberOf(id);
  }

  usage(live: Uint8Array) {
    return this.#index.usage(live);
  }

  packsOf(id: Uint8Array): readonly string[] {
    return this.#index.copies(id).map((copy) => copy.packId);
  }

  unindexed(): ReadonlySet<string> {
    return this.notIndexed;
  }

  chunksIn(packId: string): readonly Uint8Array[] {
    return this.#index.chunksOf(packId).map(({ chunk }) => chunk.id);
  }

  async checkPack(packId: string): Promise<PackCheck> {
    return this.checks.get(packId) ?? { packId, bytes: chunkBytes, damagedChunks: [] };
  }

  async repack(packIds: readonly string[], live: Uint8Array): Promise<void> {
    for (const packId of packIds) {
      const pack = await this.#read(packId);
      const chunks = pack.chunks.filter((name) => live[this.numberOf(testChunkId(name))] === 1);
      const id = await writePack(this.#storage, { generation: pack.generation + 1000, chunks });
      await this.#addPack(id);
    }
  }

  setDoomed(packIds: readonly string[], isDoomed: boolean): void {
    this.#index.setDoomed(packIds, isDoomed);
  }

  async forget(packIds: readonly string[]): Promise<void> {
    for (const id of packIds) this.#index.setLost(id, 'missing');
  }

  async #read(packId: string): Promise<FakePack> {
    const bytes = await this.#storage.read(packName(packId), 1_000_000);
    return JSON.parse(bytes.toString('utf8')) as FakePack;
  }

  async #addPack(id: string): Promise<void> {
    const { generation, chunks } = await this.#read(id);
    const packed = chunks.map((name) => ({
      id: testChunkId(name),
      sealedLength: chunkBytes,
      rawLength: chunkBytes,
      generation: 1,
      codec: 'raw' as const,
    }));
    const record = { class: 'data' as const, writerGeneration: generation, chunks: packed };
    this.#index.addPack({ id, size: chunks.length * chunkBytes, record });
  }
}

async function writePack(storage: MemoryStorage, pack: FakePack): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(pack), 'utf8');
  const id = createHash('sha256').update(bytes).digest('hex');
  await storage.put(packName(id), [bytes]);
  return id;
}

/** A listing of no entries that needs the chunks of its root. */
export function fakeListing(root: ListingRoot, files: readonly FileEntry[] = []): Listing {
  const ids = root.rootChunks.map((id) => Buffer.from(id, 'hex'));
  return {
    root,
    data: { table: noTable, blocks: [], entries: 0, files: 0, bytes: 0 },
    async *entries() {
      yield* files;
    },
    async entry() {
      return undefined;
    },
    async *children() {},
    async contentOf(file) {
      return file.extents;
    },
    chunkId: (number) => ids[number] ?? Buffer.alloc(32),
    async *allChunks() {
      yield* ids;
    },
  };
}
