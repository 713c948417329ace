import { randomBytes } from 'node:crypto';
import type { Storage } from '../../storage/storage.ts';
import { sealObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { ChunkIndex } from './chunk-index.ts';
import { encodeIndex, indexBytesOf } from './index-object.ts';
import type { RecordedPack } from './index-object.ts';
import { readIndexObjects } from './index-reading.ts';
import type { LoadedIndexObject } from './index-reading.ts';
import { damagedNote, listPacks, markMissing } from './index-notes.ts';
import type { IndexNote } from './index-notes.ts';
import { adoptPacks } from './pack-adoption.ts';
import type { IndexedPack } from './pack-table.ts';
import { Turns } from './turns.ts';

/** An index object is written when this many packs wait for it. */
const packsPerFlush = 64;
/** No index object gets larger than about this. */
const largestObjectBytes = 8 * 1024 * 1024;
/** Objects smaller than this are brought together when there are `mostSmallObjects` of them. */
const smallObjectBytes = 1024 * 1024;
const mostSmallObjects = 16;

type Settings = Readonly<{
  storage: Storage;
  /** Asked each time: they change when the master key is rotated. */
  keys: () => ObjectKeys;
  index: ChunkIndex;
}>;

/** Keeps the index in memory and the objects under `index/` in step. */
export class IndexStore {
  readonly #settings: Settings;
  /** Loading and writing must not meet: each would work on a list that the other has changed. */
  readonly #turns = new Turns();
  /** Objects that count, by name within `index/`. */
  #objects = new Map<string, LoadedIndexObject>();
  /** There still, though another names them. */
  #superseded = new Set<string>();
  #damaged: readonly string[] = [];
  /** Footers replaced what damaged objects said: those can go. */
  #hasEveryPack = false;
  #unwritten: RecordedPack[] = [];
  #unwrittenBytes = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /**
   * Brings what others wrote since the last time into the index. Damaged objects are passed over: their packs are found by
   * `reconcile`. `hasNews` when the index learned of a pack.
   */
  async load(signal?: AbortSignal): Promise<Readonly<{ hasNews: boolean; notes: readonly IndexNote[] }>> {
    return await this.#turns.take(async () => {
      const { storage, keys, index } = this.#settings;
      const found = await readIndexObjects({ storage, keys: keys(), known: this.#objects, signal });
      const packsBefore = index.packsAdded;
      for (const object of found.objects.values()) {
        for (const pack of object.packs?.() ?? []) {
          index.addPack(pack);
        }
      }
      this.#objects = new Map(
        [...found.objects].map(([name, { size, supersedes, packIds }]) => [
          name,
          { size, supersedes, packIds },
        ]),
      );
      this.#superseded = new Set(found.superseded);
      this.#damaged = found.damaged;
      return { hasNews: index.packsAdded > packsBefore, notes: found.damaged.map(damagedNote) };
    });
  }

  /**
   * Compares the index with the packs that are there. Packs that no index object mentions are taken in by their footers; packs
   * that are gone or have another size count as missing, so that their chunks are stored anew.
   */
  async reconcile(signal?: AbortSignal): Promise<readonly IndexNote[]> {
    return await this.#turns.take(async () => {
      const { storage, keys, index } = this.#settings;
      // Packs that a run of this process adds from now on may be younger than the list.
      const before = index.packs().slice();
      const sizes = await listPacks(storage, signal);
      const unknown = [...sizes]
        .filter(([id]) => index.pack(id) === undefined)
        .map(([id, size]) => ({ id, size }));
      const adopted = await adoptPacks({ storage, keys: keys(), packs: unknown, signal });
      for (const pack of adopted.packs.filter(({ id }) => index.pack(id) === undefined)) {
        index.addPack(pack);
        this.add(pack);
      }
      this.#hasEveryPack = adopted.notes.length === 0;
      this.#forgetCollected(before, sizes);
      const known = before.filter(({ id }) => index.pack(id) !== undefined);
      return [...markMissing(index, known, sizes), ...adopted.notes];
    });
  }

  /** What another process has collected meanwhile: gone, and named no more. */
  #forgetCollected(packs: readonly IndexedPack[], sizes: ReadonlyMap<string, number>): void {
    const named = this.#named();
    for (const { id } of this.#unwritten) named.add(id);
    for (const { id } of packs) {
      if (!sizes.has(id) && !named.has(id)) this.#settings.index.forget(id);
    }
  }

  /** Packs that an index object names. */
  #named(): Set<string> {
    return new Set([...this.#objects.values()].flatMap(({ packIds }) => packIds));
  }

  /** Packs that are known by their footers alone: no index object that was loaded names them. */
  unindexed(): ReadonlySet<string> {
    const named = this.#named();
    return new Set(this.#unwritten.map(({ id }) => id).filter((id) => !named.has(id)));
  }

  /** Remembers a pack for the next flush; true when it is time for one. */
  add(pack: RecordedPack): boolean {
    this.#unwritten.push(pack);
    this.#unwrittenBytes += indexBytesOf(pack);
    return this.#unwritten.length >= packsPerFlush || this.#unwrittenBytes >= largestObjectBytes;
  }

  /** Writes what is not in the durable index yet, then clears away what that made useless. Only under the writer lock. */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#turns.take(async () => {
      const packs = this.#unwritten;
      this.#unwritten = [];
      this.#unwrittenBytes = 0;
      try {
        for (const group of inObjects(packs)) {
          await this.#write([], group, signal);
        }
      } catch (error) {
        // Written twice does no harm: the next run of this process must not forget them.
        packs.forEach((pack) => this.add(pack));
        throw error;
      }
      await this.#mergeSmall(signal);
      await this.#deleteUseless(signal);
    });
  }

  /** Takes packs that were deleted out of the durable index. Only under the writer lock. */
  async forget(packIds: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    await this.#turns.take(async () => {
      this.#unwritten = this.#unwritten.filter(({ id }) => !packIds.has(id));
      const names = [...this.#objects]
        .filter(([, object]) => object.packIds.some((id) => packIds.has(id)))
        .map(([name]) => name);
      if (names.length > 0) {
        await this.#replace(names, ({ id }) => !packIds.has(id), signal);
        await this.#deleteUseless(signal);
      }
      for (const id of packIds) {
        this.#settings.index.forget(id);
      }
    });
  }

  async #write(
    supersedes: readonly string[],
    packs: readonly RecordedPack[],
    signal: AbortSignal,
  ): Promise<void> {
    const { storage, keys: currentKeys } = this.#settings;
    const keys = currentKeys();
    const name = randomBytes(16).toString('hex');
    const sealed = sealObject({ keys, type: 'index', objectId: name }, encodeIndex({ supersedes, packs }));
    await storage.put(`index/${name}`, [sealed], { signal });
    const packIds = packs.map(({ id }) => id);
    this.#objects.set(name, { size: sealed.length, supersedes, packIds });
  }

  /** Many small objects into few. */
  async #mergeSmall(signal: AbortSignal): Promise<void> {
    const small = [...this.#objects].filter(([, { size }]) => size < smallObjectBytes).map(([name]) => name);
    if (small.length >= mostSmallObjects) {
      await this.#replace(small, (pack) => this.#settings.index.pack(pack.id)?.state !== 'missing', signal);
    }
  }

  /** Writes what these objects say anew. The last new one names the old: from then on they count no more, deleted or not. */
  async #replace(
    names: readonly string[],
    keeps: (pack: RecordedPack) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { storage, keys } = this.#settings;
    // One that was damaged since it was loaded stays where it is: the next load tells.
    const found = await readIndexObjects({ storage, keys: keys(), known: new Map(), only: names, signal });
    const old = [...found.objects.keys()];
    const packs = [...found.objects.values()]
      .flatMap((object) => [...(object.packs?.() ?? [])])
      .filter(keeps);
    const groups = inObjects(packs);
    const last = groups.pop() ?? [];
    for (const group of groups) {
      await this.#write([], group, signal);
    }
    await this.#write([...old, ...this.#superseded], last, signal);
    for (const name of old) {
      this.#objects.delete(name);
      this.#superseded.add(name);
    }
  }

  async #deleteUseless(signal: AbortSignal): Promise<void> {
    const damaged = this.#hasEveryPack ? this.#damaged : [];
    for (const name of [...this.#superseded, ...damaged]) {
      // Few, and nobody waits for them.
      await this.#settings.storage.delete(`index/${name}`, { signal });
    }
    this.#superseded.clear();
    this.#damaged = [];
  }
}

/** Packs in groups that fit into one index object each. */
function inObjects(packs: readonly RecordedPack[]): RecordedPack[][] {
  const groups: RecordedPack[][] = [];
  let bytes = 0;
  for (const pack of packs) {
    const group = groups.at(-1);
    if (group === undefined || bytes + indexBytesOf(pack) > largestObjectBytes) {
      groups.push([pack]);
      bytes = 0;
    } else {
      group.push(pack);
    }
    bytes += indexBytesOf(pack);
  }
  return groups;
}
