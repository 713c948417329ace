import type { ListingRoot, Manifest } from '../../shared/model/manifest.ts';
import type { ChunkBatch, ChunkReader, ChunkWriter, StoredBatch } from './chunks/chunk-store.ts';
import { PackedChunkWriter } from './chunks/chunk-writer.ts';
import type { Listing } from './listing/listing.ts';
import { openListing } from './listing/open-listing.ts';
import { takeWriterLock } from './locks/writer-lock.ts';
import type { WriterLock } from './locks/writer-lock.ts';
import type { Manifests } from './manifests-interim.ts';
import type { VaultWriter } from './vault.ts';
import type { VaultParts } from './vault-parts.ts';

/** Best of the three levels that the bench tried: nearly as quick as 1 on two cores, nearly as small as 3. */
const zstdLevel = 2;

export type WriterRequest = Readonly<{
  purpose: string;
  waitMs: number | undefined;
  signal: AbortSignal | undefined;
}>;

/** Takes the lock, then brings the index in line with the packs that are there. */
export async function openWriter(
  parts: VaultParts,
  manifests: Manifests,
  request: WriterRequest,
): Promise<OpenedWriter> {
  const { storage, hostHash } = parts;
  const { purpose, waitMs, signal } = request;
  const lock = await takeWriterLock({
    storage,
    vaultId: parts.ring.vaultId,
    hostHash,
    hostLockFolder: parts.place.hostLockFolder,
    purpose,
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const both = signal === undefined ? lock.signal : AbortSignal.any([signal, lock.signal]);
    await parts.refreshKeys();
    parts.tell((await parts.indexStore.load(both)).notes);
    parts.tell(await parts.indexStore.reconcile(both));
    return new OpenedWriter(parts, manifests, lock);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

export class OpenedWriter implements VaultWriter {
  readonly chunks: ChunkReader & ChunkWriter;
  readonly #manifests: Manifests;
  readonly #lock: WriterLock;
  readonly #writer: PackedChunkWriter;

  constructor(parts: VaultParts, manifests: Manifests, lock: WriterLock) {
    this.#manifests = manifests;
    this.#lock = lock;
    this.#writer = new PackedChunkWriter({
      storage: parts.storage,
      index: parts.index,
      indexStore: parts.indexStore,
      freeSpace: parts.place.freeSpace,
      signal: lock.signal,
      seal: {
        keys: parts.ring.threadKeys,
        objectKeys: parts.ring.objectKeys,
        writerGeneration: lock.generation,
        level: zstdLevel,
      },
    });
    this.chunks = new ChunkStore(parts.newReader(lock.signal), this.#writer);
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
    await this.#manifests.write(manifest, this.signal);
  }

  async trash(backupId: string, keepMs: number): Promise<void> {
    await this.#lock.assertHeld();
    await this.#manifests.trash(backupId, keepMs);
  }

  async undelete(backupId: string): Promise<void> {
    await this.#lock.assertHeld();
    await this.#manifests.undelete(backupId, this.signal);
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

  async flush(): Promise<void> {
    await this.#writer.flush();
  }

  async read(id: Uint8Array): Promise<Buffer> {
    return await this.#reader.read(id);
  }

  readMany(ids: Iterable<Uint8Array>): AsyncIterable<Buffer> {
    return this.#reader.readMany(ids);
  }

  lengthOf(id: Uint8Array): number | undefined {
    return this.#reader.lengthOf(id);
  }
}
