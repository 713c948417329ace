import type { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ChunkIndex } from '../index/chunk-index.ts';
import type { IndexStore } from '../index/index-store.ts';
import type { SealSettings } from './batch-sealer.ts';
import { chunkIdBytes } from './chunk-store.ts';
import type { ChunkBatch, ChunkWriter, StoredBatch } from './chunk-store.ts';
import { PackWrites } from './pack-writes.ts';
import type { FreeSpaceRule, WrittenPack } from './pack-writes.ts';
import type { DamageList } from '../upkeep/damage-list.ts';
import { SealPool } from './seal-pool.ts';
import type { IdentifiedBatch, SealedPack } from './seal-pool.ts';

type Settings = Readonly<{
  storage: Storage;
  index: ChunkIndex;
  indexStore: IndexStore;
  seal: SealSettings;
  /** Chunks on it that are stored anew are taken out when they are durable. */
  damage: DamageList;
  freeSpace: FreeSpaceRule;
  /** Aborts when the writer lock is lost. */
  signal: AbortSignal;
}>;

/** Stores chunks into packs: threads identify, compress and seal; here is only told what is new, and packs are written. */
export class PackedChunkWriter implements ChunkWriter, AsyncDisposable {
  readonly #settings: Settings;
  readonly #pool: SealPool;
  readonly #writes: PackWrites;
  #indexWrites: Promise<void> = Promise.resolve();
  #healed: Uint8Array[] = [];
  #healedPacks: string[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
    const { storage, freeSpace, signal, seal } = settings;
    const onWritten = (pack: WrittenPack): void => this.#register(pack);
    this.#writes = new PackWrites({ storage, freeSpace, signal, onWritten });
    this.#pool = new SealPool(seal, {
      onPack: (pack) => this.#writes.add(pack),
      onDeath: (error: AppError) => this.#writes.fail(error),
    });
  }

  async store(batch: ChunkBatch): Promise<StoredBatch> {
    this.#writes.throwIfFailed();
    try {
      return await this.#pool.withBatch(batch, async (identified) => await this.#sealNew(batch, identified));
    } catch (error) {
      this.#writes.fail(error);
      this.#writes.throwIfFailed();
      throw error;
    }
  }

  knows(ids: Uint8Array): Uint8Array {
    const known = new Uint8Array(Math.floor(ids.length / chunkIdBytes));
    for (let number = 0; number < known.length; number += 1) {
      known[number] = this.#settings.index.isKnown(ids, number * chunkIdBytes) ? 1 : 0;
    }
    return known;
  }

  /** Starts a thread before there is something to seal. */
  warmUp(): void {
    this.#pool.warmUp();
  }

  async flush(signal?: AbortSignal): Promise<void> {
    const cancel = (): void => this.#writes.fail(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      signal?.throwIfAborted();
      await this.#flush();
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #flush(): Promise<void> {
    this.#writes.throwIfFailed();
    await this.#pool.finish();
    await this.#writes.drain();
    this.#scheduleIndexWrite();
    await this.#indexWrites;
    this.#writes.throwIfFailed();
    await this.#takeOffDamageList();
  }

  /** For packs that are made elsewhere (repacking): written and indexed like those of the threads. */
  async addPack(pack: SealedPack): Promise<void> {
    await this.#writes.whenThereIsRoom(async () => this.#writes.add(pack));
  }

  /** Ends the threads. What was not flushed is not in the index; the next writer finds it by the footers of its packs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writes.close();
    await this.#pool[Symbol.asyncDispose]();
    await this.#indexWrites;
    this.#settings.index.releaseClaims();
  }

  async #sealNew(batch: ChunkBatch, identified: IdentifiedBatch): Promise<StoredBatch> {
    const { index } = this.#settings;
    const wanted = new Uint8Array(batch.lengths.length);
    let addedBytes = 0;
    for (const [number, length] of batch.lengths.entries()) {
      if (index.claim(identified.ids, number * chunkIdBytes)) {
        wanted[number] = 1;
        addedBytes += length;
      }
    }
    const seal = async (): ReturnType<IdentifiedBatch['seal']> => await identified.seal(wanted);
    const storedBytes = await (addedBytes > 0 ? this.#writes.whenThereIsRoom(seal) : seal());
    this.#writes.throwIfFailed();
    return { ids: identified.ids, addedBytes, storedBytes };
  }

  async #takeOffDamageList(): Promise<void> {
    const chunks = this.#healed;
    const packs = this.#healedPacks;
    if (chunks.length + packs.length > 0) {
      await this.#settings.damage.remove({ chunks, packs });
      this.#healed = [];
      this.#healedPacks = [];
    }
  }

  #register(pack: WrittenPack): void {
    const { damage, index, indexStore } = this.#settings;
    this.#healed.push(...pack.record.chunks.map(({ id }) => id).filter((id) => damage.has(id)));
    if (damage.hasPack(pack.id)) {
      this.#healedPacks.push(pack.id);
    }
    if (index.pack(pack.id) !== undefined) {
      // It was gone or damaged, and was written again: the index says of it what it said before.
      index.setLost(pack.id, undefined);
      return;
    }
    index.addPack(pack);
    if (indexStore.add(pack)) {
      this.#scheduleIndexWrite();
    }
  }

  #scheduleIndexWrite(): void {
    this.#indexWrites = this.#writeIndexAfter(this.#indexWrites);
  }

  async #writeIndexAfter(before: Promise<void>): Promise<void> {
    await before;
    try {
      this.#writes.throwIfFailed();
      await this.#settings.indexStore.flush(this.#writes.signal);
    } catch (error) {
      this.#writes.fail(error);
    }
  }
}
