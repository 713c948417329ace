import type { ListingRoot, Manifest } from '../../shared/model/manifest.ts';
import type { ChunkBatch, ChunkChecks, ChunkReader, ChunkWriter, StoredBatch } from './chunks/chunk-store.ts';
import { PackedChunkWriter } from './chunks/chunk-writer.ts';
import type { BuiltPack } from './chunks/pack-builder.ts';
import { isLost } from './index/pack-table.ts';
import type { Listing } from './listing/listing.ts';
import { repairHeader } from './keys/header.ts';
import { repairKeyFile } from './keys/key-file.ts';
import { openListing } from './listing/open-listing.ts';
import { takeWriterLock } from './locks/writer-lock.ts';
import type { LockRequest, WriterLock } from './locks/writer-lock.ts';
import type { ManifestStore } from './manifests/manifest-store.ts';
import { repairPins } from './manifests/pins.ts';
import { DamageList } from './upkeep/damage-list.ts';
import { loadDoomed, releaseDoomed } from './upkeep/doomed-packs.ts';
import type { PackInventory } from './upkeep/pack-inventory.ts';
import type { VaultWriter, WriterOptions } from './vault.ts';
import type { VaultParts } from './vault-parts.ts';

/** Best of the three levels that the bench tried: nearly as quick as 1 on two cores, nearly as small as 3. */
const zstdLevel = 2;

export type WriterRequest = WriterOptions & Readonly<{ purpose: string }>;

/** Takes the lock, then brings the index in line with the packs that are there. */
export async function openWriter(parts: VaultParts, request: WriterRequest): Promise<OpenedWriter> {
  const { storage } = parts;
  const { signal } = request;
  const lock = await takeLock(parts, request);
  try {
    const both = signal === undefined ? lock.signal : AbortSignal.any([signal, lock.signal]);
    await parts.refreshKeys();
    const { index, indexStore, ring } = parts;
    const repaired = [
      ...(await repairHeader(storage, ring)),
      ...(await repairKeyFile(storage)),
      ...(await repairPins(storage, ring.objectKeys)),
    ];
    for (const finding of repaired) parts.place.onNote(finding);
    const [loaded, doomed, damage] = await Promise.all([
      indexStore.load(both),
      loadDoomed(storage, ring.objectKeys),
      DamageList.load(storage, ring.objectKeys),
    ]);
    parts.tell(loaded.notes);
    // Before the packs are compared: a doomed one that is gone is no loss.
    index.replaceDoomed(doomed.doomedAtMs.keys());
    index.setDamageList((id) => damage.has(id));
    damage.problems.forEach((problem) => parts.place.onNote(problem));
    parts.tell(await indexStore.reconcile(both));
    return new OpenedWriter(parts, { lock, damage, reading: both, willStore: request.willStore === true });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** The lock alone, for what needs neither index nor damage list. */
export async function takeLock(parts: VaultParts, request: WriterRequest): Promise<WriterLock> {
  const { waitMs, aboveGeneration } = request;
  return await takeWriterLock({
    ...lockRequest(parts, request),
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(aboveGeneration === undefined ? {} : { aboveGeneration }),
  });
}

/** What tells us and the lock of this vault apart from others. */
export function lockRequest(
  parts: VaultParts,
  { purpose, signal }: Pick<WriterRequest, 'purpose' | 'signal'>,
): LockRequest {
  return {
    storage: parts.storage,
    vaultId: parts.ring.vaultId,
    hostHash: parts.hostHash,
    hostLockFolder: parts.place.hostLockFolder,
    purpose,
    ...(signal === undefined ? {} : { signal }),
  };
}

/** `reading` ends what the run reads: the run's own signal, and that of the lock. */
type Held = Readonly<{ lock: WriterLock; damage: DamageList; reading: AbortSignal; willStore: boolean }>;

export class OpenedWriter implements VaultWriter {
  readonly chunks: ChunkReader & ChunkWriter;
  readonly packs: PackInventory;
  readonly manifests: ManifestStore;
  readonly damage: DamageList;
  readonly #parts: VaultParts;
  readonly #lock: WriterLock;
  readonly #writer: PackedChunkWriter;

  constructor(parts: VaultParts, { lock, damage, reading, willStore }: Held) {
    this.manifests = parts.manifests;
    this.damage = damage;
    this.#parts = parts;
    this.#lock = lock;
    this.#writer = new PackedChunkWriter({
      storage: parts.storage,
      index: parts.index,
      indexStore: parts.indexStore,
      damage,
      freeSpace: parts.place.freeSpace,
      signal: lock.signal,
      seal: {
        keys: parts.ring.threadKeys,
        objectKeys: parts.ring.objectKeys,
        writerGeneration: lock.generation,
        level: zstdLevel,
      },
    });
    if (willStore) {
      this.#writer.warmUp();
    }
    this.chunks = new ChunkStore(parts.newReader(reading), this.#writer);
    this.packs = parts.newInventory({ writer: this.#writer, generation: lock.generation });
  }

  get signal(): AbortSignal {
    return this.#lock.signal;
  }

  get generation(): number {
    return this.#lock.generation;
  }

  async openListing(root: ListingRoot): Promise<Listing> {
    return await openListing(this.chunks, root);
  }

  async commit(manifest: Manifest): Promise<void> {
    if (manifest.generation !== this.generation) {
      throw new Error('a manifest bears the generation of its writer');
    }
    await this.#writer.flush();
    await this.#lock.assertHeld();
    await this.manifests.commit(manifest);
  }

  async trash(backupId: string, keepMs: number): Promise<void> {
    await this.#lock.assertHeld();
    await this.manifests.trash(backupId, keepMs);
  }

  async undelete(backupId: string): Promise<void> {
    await this.#lock.assertHeld();
    await this.manifests.undelete(backupId);
  }

  async assertHeld(): Promise<void> {
    await this.#lock.assertHeld();
  }

  /** For packs that were made elsewhere. */
  get packWriter(): PackedChunkWriter {
    return this.#writer;
  }

  /** Takes in a pack of another storage of this vault, as it is. Durable after a flush. */
  async addPack(pack: BuiltPack): Promise<void> {
    await this.#writer.addPack({ pack, giveBack: () => undefined });
  }

  /** Chunks that backups of this storage may need and that cannot be had from it. */
  lostChunks(): readonly Uint8Array[] {
    const isAllThere = this.damage.isEmpty && this.packs.packs().every(({ state }) => !isLost(state));
    return isAllThere ? [] : this.#parts.index.lostChunks();
  }

  /** Packs that were to be deleted are packs like others again: something new needs them. */
  async releaseDoomed(packIds: ReadonlySet<string>): Promise<void> {
    const { storage, ring } = this.#parts;
    await this.#lock.assertHeld();
    const doomed = await loadDoomed(storage, ring.objectKeys);
    await releaseDoomed(storage, ring.objectKeys, { doomed, packs: packIds });
    this.packs.setDoomed([...packIds], false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
    await this.#lock[Symbol.asyncDispose]();
  }
}

/** Reads and writes as one. */
class ChunkStore implements ChunkReader, ChunkWriter {
  readonly #reader: ChunkReader;
  readonly #writer: ChunkWriter;

  constructor(reader: ChunkReader, writer: ChunkWriter) {
    this.#reader = reader;
    this.#writer = writer;
  }

  async store(batch: ChunkBatch): Promise<StoredBatch> {
    return await this.#writer.store(batch);
  }

  knows(ids: Uint8Array): Uint8Array {
    return this.#writer.knows(ids);
  }

  async flush(signal?: AbortSignal): Promise<void> {
    await this.#writer.flush(signal);
  }

  async read(id: Uint8Array): Promise<Buffer> {
    return await this.#reader.read(id);
  }

  readMany(ids: Iterable<Uint8Array>, checks?: ChunkChecks): AsyncIterable<Buffer> {
    return this.#reader.readMany(ids, checks);
  }

  lengthOf(id: Uint8Array): number | undefined {
    return this.#reader.lengthOf(id);
  }
}
