import type { Storage } from '../../storage/storage.ts';
import { checkPack } from '../chunks/pack-check.ts';
import type { OpenPool } from '../chunks/open-pool.ts';
import type { IndexedPack } from './pack-table.ts';
import { Repacking } from '../chunks/repack.ts';
import type { PackedChunkWriter } from '../chunks/chunk-writer.ts';
import { openObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { InventoryNote, PackCheck, PackInventory } from '../upkeep/pack-inventory.ts';
import type { ChunkIndex, PackUsage } from './chunk-index.ts';
import type { IndexStore } from './index-store.ts';

/** Of a vault that is open for writing: repacking and forgetting need it. */
export type InventoryWriting = Readonly<{ writer: PackedChunkWriter; generation: number }>;

type Settings = Readonly<{
  storage: Storage;
  index: ChunkIndex;
  indexStore: IndexStore;
  pool: OpenPool;
  objectKeys: ObjectKeys;
  writing: InventoryWriting | undefined;
}>;

/** The packs of an open vault, for garbage collection and verify. */
export class VaultInventory implements PackInventory {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get chunkCount(): number {
    return this.#settings.index.chunkCount;
  }

  numberOf(id: Uint8Array): number {
    return this.#settings.index.numberOf(id);
  }

  usage(live: Uint8Array): readonly PackUsage[] {
    return this.#settings.index.usage(live);
  }

  packs(): readonly IndexedPack[] {
    return this.#settings.index.packs();
  }

  async load(
    signal: AbortSignal,
  ): Promise<Readonly<{ notes: readonly InventoryNote[]; unreadable: readonly string[] }>> {
    const { indexStore } = this.#settings;
    const { notes } = await indexStore.load(signal);
    const found = await indexStore.reconcile(signal);
    const unreadable = found.filter(({ code }) => code === 'pack-damaged').map(({ object }) => object);
    return { notes: [...notes, ...found].filter(({ code }) => code !== 'pack-damaged'), unreadable };
  }

  packsOf(id: Uint8Array): readonly string[] {
    return this.#settings.index.copies(id).map(({ packId }) => packId);
  }

  chunksIn(packId: string): readonly Uint8Array[] {
    return this.#settings.index.chunksOf(packId).map(({ chunk }) => chunk.id);
  }

  unindexed(): ReadonlySet<string> {
    return this.#settings.indexStore.unindexed();
  }

  async checkPack(packId: string, signal: AbortSignal): Promise<PackCheck> {
    const { storage, index, pool, objectKeys: keys } = this.#settings;
    const openFooter = (objectId: string, sealed: Buffer): Buffer =>
      openObject({ keys, type: 'footer', objectId }, sealed);
    return await checkPack({ storage, index, pool, openFooter }, packId, signal);
  }

  async repack(packIds: readonly string[], live: Uint8Array, signal: AbortSignal): Promise<void> {
    const { storage, index, pool, objectKeys } = this.#settings;
    const { writer, generation } = this.#needWriting();
    const settings = { storage, index, pool, objectKeys, writer, writerGeneration: generation };
    await new Repacking(settings).run(packIds, live, signal);
  }

  setDoomed(packIds: readonly string[], isDoomed: boolean): void {
    this.#settings.index.setDoomed(packIds, isDoomed);
  }

  async forget(packIds: readonly string[], signal: AbortSignal): Promise<void> {
    this.#needWriting();
    await this.#settings.indexStore.forget(new Set(packIds), signal);
  }

  #needWriting(): InventoryWriting {
    const { writing } = this.#settings;
    if (writing === undefined) {
      throw new Error('packs are changed only while the vault is open for writing');
    }
    return writing;
  }
}
