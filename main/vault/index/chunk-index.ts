import { chunkIdBytes } from '../chunks/chunk-store.ts';
import type { PackedChunk, PackRecord } from '../chunks/pack-record.ts';
import { ChunkPlaces } from './chunk-places.ts';
import type { Place } from './chunk-places.ts';
import { ChunkTable } from './chunk-table.ts';
import { PackTable } from './pack-table.ts';
import type { IndexedPack, PackLoss } from './pack-table.ts';

/** One copy of a chunk, as a reader needs it. */
export type ChunkCopy = Readonly<{ packId: string; offset: number; chunk: PackedChunk }>;

export type PackUsage = Readonly<{ pack: IndexedPack; liveBytes: number; liveChunks: number }>;

/**
 * Which pack holds which chunk, in memory. A chunk may lie in several packs (repacked, or stored anew because a copy was damaged):
 * of the packs that are there, that of the highest writer generation comes first; the others serve when it cannot be read.
 */
export class ChunkIndex {
  readonly #table = new ChunkTable();
  readonly #places = new ChunkPlaces();
  readonly #others = new Map<number, readonly Place[]>();
  readonly #packs = new PackTable();
  #claims = new Uint8Array(0);
  #isDamaged: (id: Uint8Array) => boolean = () => false;

  /** Chunks on the damage list are not known; they may be read still. */
  setDamageList(isDamaged: (id: Uint8Array) => boolean): void {
    this.#isDamaged = isDamaged;
  }

  /** Numbers of chunks are below this. */
  get chunkCount(): number {
    return this.#table.size;
  }

  packs(): readonly IndexedPack[] {
    return this.#packs.list();
  }

  /** How many packs were ever added: more of them than before is news. */
  get packsAdded(): number {
    return this.#packs.count;
  }

  pack(packId: string): IndexedPack | undefined {
    return this.#packs.at(this.#packs.numberOf(packId));
  }

  /** Takes in what a pack holds, unless it is known already. */
  addPack(pack: Readonly<{ id: string; size: number; record: PackRecord }>): void {
    const number = this.#packs.add(pack);
    if (number === undefined) {
      return;
    }
    let offset = 0;
    for (const { id, sealedLength, rawLength, generation, codec } of pack.record.chunks) {
      const place = { pack: number, offset, sealedLength, rawLength, generation, codec };
      this.#addPlace(this.#table.add(id), place);
      offset += sealedLength;
    }
  }

  /** These packs are doomed, and no others. */
  replaceDoomed(packIds: Iterable<string>): void {
    this.#packs.replaceDoomed(packIds);
  }

  /** Nothing new relies on doomed packs, known ones or such as come later. */
  setDoomed(packIds: Iterable<string>, isDoomed: boolean): void {
    this.#packs.setDoomed(packIds, isDoomed);
  }

  setLost(packId: string, loss: PackLoss | undefined): void {
    this.#packs.setLost(packId, loss);
  }

  /** Takes a pack out that was deleted and that nothing in the storage names any more. */
  forget(packId: string): void {
    this.#packs.forget(packId);
  }

  /** What the index says of one pack, in the order of the pack. Looks at every chunk: for packs that are damaged or repacked. */
  chunksOf(packId: string): readonly ChunkCopy[] {
    const pack = this.#packs.numberOf(packId);
    const found: ChunkCopy[] = [];
    for (let number = 0; number < this.#table.size; number += 1) {
      const isHere = this.#places.packOf(number) === pack;
      const place = isHere
        ? this.#places.get(number)
        : this.#others.get(number)?.find((each) => each.pack === pack);
      if (place !== undefined && pack !== -1) {
        found.push(this.#copyOf(this.#table.idAt(number).slice(), place));
      }
    }
    return found.toSorted((a, b) => a.offset - b.offset);
  }

  /** The copies of a chunk, the best first: in packs that are there, then in doomed ones, then in lost ones. */
  copies(id: Uint8Array): readonly ChunkCopy[] {
    const number = this.#table.find(id);
    const place = this.#places.get(number);
    if (place === undefined) {
      return [];
    }
    const others = this.#others.get(number);
    const places =
      others === undefined ? [place] : [place, ...others].toSorted((a, b) => this.#rank(a) - this.#rank(b));
    const ownId = this.#table.idAt(number).slice();
    return places
      .filter((each) => !this.#packs.isForgotten(each.pack))
      .map((each) => this.#copyOf(ownId, each));
  }

  /** Whether a new backup may rely on the chunk at `offset` of `ids`. */
  isKnown(ids: Uint8Array, offset = 0): boolean {
    const number = this.#table.find(ids, offset);
    return number !== -1 && (this.#claims[number] === 1 || this.#isSound(number));
  }

  /** Like `isKnown`, but from now on the chunk counts as known: true when the caller has to store it. */
  claim(ids: Uint8Array, offset = 0): boolean {
    if (this.isKnown(ids, offset)) {
      return false;
    }
    const number = this.#table.add(ids, offset);
    if (number >= this.#claims.length) {
      const larger = new Uint8Array(Math.max(1024, number * 2));
      larger.set(this.#claims);
      this.#claims = larger;
    }
    this.#claims[number] = 1;
    return true;
  }

  /** Ends the claims of a run: what did not reach a pack is unknown again. */
  releaseClaims(): void {
    this.#claims = new Uint8Array(0);
  }

  lengthOf(id: Uint8Array): number | undefined {
    return this.#places.get(this.#table.find(id))?.rawLength;
  }

  /** Chunks that packs are known to hold and that nobody may rely on: they are on the damage list, or all their packs are gone. */
  lostChunks(): readonly Uint8Array[] {
    const lost: Uint8Array[] = [];
    for (let number = 0; number < this.#table.size; number += 1) {
      if (this.#isAnywhere(number) && this.#isLost(number)) {
        lost.push(this.#table.idAt(number).slice());
      }
    }
    return lost;
  }

  /** A number for each chunk, for bit maps over all of them; -1 when the index does not have it. */
  numberOf(id: Uint8Array): number {
    const number = this.#table.find(id);
    return this.#isAnywhere(number) ? number : -1;
  }

  /** What of each pack is used, given 1 for each number of a chunk that is. */
  usage(live: Uint8Array): readonly PackUsage[] {
    const bytes = new Float64Array(this.#packs.count);
    const counts = new Uint32Array(this.#packs.count);
    const count = (place: Place): void => {
      bytes[place.pack] = (bytes[place.pack] ?? 0) + place.sealedLength;
      counts[place.pack] = (counts[place.pack] ?? 0) + 1;
    };
    for (let number = 0; number < this.#table.size; number += 1) {
      if (live[number] === 1) {
        this.#neededPlaces(number).forEach(count);
      }
    }
    return this.#packs.list().map((pack) => {
      const number = this.#packs.numberOf(pack.id);
      return { pack, liveBytes: bytes[number] ?? 0, liveChunks: counts[number] ?? 0 };
    });
  }

  /** Whether the copy in this pack is one that is needed of a chunk: the best, or any while the chunk is damaged. */
  isNeededIn(packId: string, id: Uint8Array): boolean {
    const pack = this.#packs.numberOf(packId);
    return this.#neededPlaces(this.#table.find(id)).some((place) => place.pack === pack);
  }

  #neededPlaces(number: number): readonly Place[] {
    const place = this.#places.get(number);
    if (place === undefined) {
      return [];
    }
    const places = [place, ...(this.#others.get(number) ?? [])];
    if (places.length === 1 || this.#isDamaged(this.#table.idAt(number))) {
      return places;
    }
    return places.toSorted((a, b) => this.#rank(a) - this.#rank(b)).slice(0, 1);
  }

  #addPlace(number: number, place: Place): void {
    if (this.#places.packOf(number) === -1) {
      this.#places.set(number, place);
    } else {
      this.#others.set(number, [...(this.#others.get(number) ?? []), place]);
    }
  }

  #isAnywhere(number: number): boolean {
    const pack = this.#places.packOf(number);
    const isIn = (each: number): boolean => each !== -1 && !this.#packs.isForgotten(each);
    return isIn(pack) || (this.#others.get(number)?.some((each) => isIn(each.pack)) ?? false);
  }

  #isSound(number: number): boolean {
    const isPresent = (pack: number): boolean => this.#packs.at(pack)?.state === 'present';
    const isThere =
      isPresent(this.#places.packOf(number)) ||
      (this.#others.get(number)?.some((each) => isPresent(each.pack)) ?? false);
    return isThere && !this.#isDamaged(this.#table.idAt(number));
  }

  #isLost(number: number): boolean {
    const isThere = (pack: number): boolean => {
      const state = this.#packs.at(pack)?.state;
      return state === 'present' || state === 'doomed';
    };
    const others = this.#others.get(number) ?? [];
    const isHeld = isThere(this.#places.packOf(number)) || others.some((each) => isThere(each.pack));
    return !isHeld || this.#isDamaged(this.#table.idAt(number));
  }

  #writerGenerationOf(place: Place): number {
    return this.#packs.at(place.pack)?.writerGeneration ?? 0;
  }

  /** Lower is better. */
  #rank(place: Place): number {
    const byState = { present: 0, doomed: 1, altered: 2, missing: 3 }[
      this.#packs.at(place.pack)?.state ?? 'missing'
    ];
    return byState - this.#writerGenerationOf(place) / Number.MAX_SAFE_INTEGER / 2;
  }

  #copyOf(id: Uint8Array, place: Place): ChunkCopy {
    const { offset, sealedLength, rawLength, generation, codec } = place;
    const packId = this.#packs.at(place.pack)?.id ?? '';
    return {
      packId,
      offset,
      chunk: { id: id.subarray(0, chunkIdBytes), sealedLength, rawLength, generation, codec },
    };
  }
}
