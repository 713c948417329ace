import type { ChunkCodec } from '../chunks/pack-record.ts';

/** Where one copy of a chunk lies; `pack` is the pack's number in the index. */
export type Place = Readonly<{
  pack: number;
  offset: number;
  sealedLength: number;
  rawLength: number;
  generation: number;
  codec: ChunkCodec;
}>;

const noPack = 0xffff_ffff;
const firstCapacity = 1024;
const codecBit = 0x8000_0000;

/** The first known place of each chunk, by the chunk's number, in columns of typed arrays (18 bytes a chunk). */
export class ChunkPlaces {
  #packs = new Uint32Array(firstCapacity).fill(noPack);
  #offsets = new Uint32Array(firstCapacity);
  #sealedLengths = new Uint32Array(firstCapacity);
  /** The codec stands in the highest bit. */
  #rawLengths = new Uint32Array(firstCapacity);
  #generations = new Uint16Array(firstCapacity);

  set(number: number, place: Place): void {
    this.#reserve(number + 1);
    this.#packs[number] = place.pack;
    this.#offsets[number] = place.offset;
    this.#sealedLengths[number] = place.sealedLength;
    this.#rawLengths[number] = place.codec === 'zstd' ? place.rawLength + codecBit : place.rawLength;
    this.#generations[number] = place.generation;
  }

  /** The pack's number alone, -1 when the chunk lies nowhere. */
  packOf(number: number): number {
    const pack = this.#packs[number] ?? noPack;
    return pack === noPack ? -1 : pack;
  }

  sealedLengthOf(number: number): number {
    return this.#sealedLengths[number] ?? 0;
  }

  get(number: number): Place | undefined {
    const pack = this.packOf(number);
    if (pack === -1) {
      return undefined;
    }
    const raw = this.#rawLengths[number] ?? 0;
    return {
      pack,
      offset: this.#offsets[number] ?? 0,
      sealedLength: this.#sealedLengths[number] ?? 0,
      rawLength: raw >= codecBit ? raw - codecBit : raw,
      generation: this.#generations[number] ?? 0,
      codec: raw >= codecBit ? 'zstd' : 'raw',
    };
  }

  #reserve(wanted: number): void {
    const capacity = this.#packs.length;
    if (wanted <= capacity) {
      return;
    }
    const larger = Math.max(wanted, capacity * 2);
    const packs = new Uint32Array(larger).fill(noPack);
    packs.set(this.#packs);
    this.#packs = packs;
    this.#offsets = grown(this.#offsets, new Uint32Array(larger));
    this.#sealedLengths = grown(this.#sealedLengths, new Uint32Array(larger));
    this.#rawLengths = grown(this.#rawLengths, new Uint32Array(larger));
    this.#generations = grown(this.#generations, new Uint16Array(larger));
  }
}

function grown<Column extends Uint32Array | Uint16Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
