import type { ChunkClass } from '../chunks/chunk-store.ts';
import type { PackRecord } from '../chunks/pack-record.ts';

/**
 * `doomed`: to be deleted, so nothing new may rely on it. `altered`: the object is there, but of another size; `missing`: it is
 * gone. Both may be doomed besides.
 */
export type PackState = 'present' | 'doomed' | 'altered' | 'missing';
/** How a pack is lost. */
export type PackLoss = Extract<PackState, 'altered' | 'missing'>;

export function isLost(state: PackState): state is PackLoss {
  return state === 'missing' || state === 'altered';
}

export type IndexedPack = Readonly<{
  id: string;
  size: number;
  class: ChunkClass;
  writerGeneration: number;
  chunkCount: number;
  /** Sealed bytes of its chunks. */
  chunkBytes: number;
  state: PackState;
}>;

/** The packs that an index knows, by number and by id. */
export class PackTable {
  readonly #packs: IndexedPack[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #doomed = new Set<string>();
  readonly #forgotten = new Set<number>();

  /** Numbers are below this. */
  get count(): number {
    return this.#packs.length;
  }

  list(): readonly IndexedPack[] {
    return this.#packs.filter((_, number) => !this.#forgotten.has(number));
  }

  /** Of a pack that was forgotten too: what lay in it refers to it still. */
  at(number: number): IndexedPack | undefined {
    return this.#packs[number];
  }

  isForgotten(number: number): boolean {
    return this.#forgotten.has(number);
  }

  /** -1 when it is not known. */
  numberOf(packId: string): number {
    return this.#numbers.get(packId) ?? -1;
  }

  /** The number of a new pack; undefined when it is known already. */
  add({ id, size, record }: Readonly<{ id: string; size: number; record: PackRecord }>): number | undefined {
    if (this.#numbers.has(id)) return undefined;
    const number = this.#packs.length;
    const { class: chunkClass, writerGeneration, chunks } = record;
    const chunkBytes = chunks.reduce((sum, chunk) => sum + chunk.sealedLength, 0);
    const state = this.#doomed.has(id) ? 'doomed' : 'present';
    const counted = { chunkCount: chunks.length, chunkBytes, state } as const;
    this.#packs.push({ id, size, class: chunkClass, writerGeneration, ...counted });
    this.#numbers.set(id, number);
    return number;
  }

  /** These packs are doomed, and no others. */
  replaceDoomed(packIds: Iterable<string>): void {
    this.setDoomed([...this.#doomed], false);
    this.setDoomed(packIds, true);
  }

  /** Nothing new relies on doomed packs, known ones or such as come later. */
  setDoomed(packIds: Iterable<string>, isDoomed: boolean): void {
    for (const packId of packIds) {
      if (isDoomed) this.#doomed.add(packId);
      else this.#doomed.delete(packId);
      const state = this.#packs[this.numberOf(packId)]?.state;
      if (state === 'present' || state === 'doomed') this.setLost(packId, undefined);
    }
  }

  /** Undefined: it is there, and whole. */
  setLost(packId: string, loss: PackLoss | undefined): void {
    const number = this.numberOf(packId);
    const pack = this.#packs[number];
    if (pack === undefined) return;
    this.#packs[number] = { ...pack, state: loss ?? (this.#doomed.has(packId) ? 'doomed' : 'present') };
  }

  /** Takes a pack out that was deleted and that nothing in the storage names any more: its absence is no trouble. */
  forget(packId: string): void {
    const number = this.#numbers.get(packId);
    if (number === undefined) return;
    this.setLost(packId, 'missing');
    this.#numbers.delete(packId);
    this.#forgotten.add(number);
  }
}
