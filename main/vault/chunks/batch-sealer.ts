import { AppError } from '../../../shared/lib/app-error.ts';
import { sealObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { ThreadKeys } from '../keys/thread-keys.ts';
import { ChunkSealer, packChunk } from './chunk-sealing.ts';
import type { ChunkBatch, ChunkClass } from './chunk-store.ts';
import { chunkIdBytes } from './chunk-store.ts';
import { releaseMemory } from './release-memory.ts';
import { PackBuilder } from './pack-builder.ts';
import type { BuiltPack } from './pack-builder.ts';

export type SealSettings = Readonly<{
  keys: ThreadKeys;
  objectKeys: ObjectKeys;
  writerGeneration: number;
  /** Of zstd. */
  level: number;
}>;

type OpenBatch = Readonly<{ batch: ChunkBatch; ids: Uint8Array }>;

/** Turns batches into packs; runs in a sealing thread. A batch is identified first, then what is wanted of it is sealed. */
export class BatchSealer {
  readonly #settings: SealSettings;
  readonly #sealer: ChunkSealer;
  readonly #onPack: (pack: BuiltPack) => void;
  readonly #batches = new Map<number, OpenBatch>();
  readonly #packs = new Map<ChunkClass, PackBuilder>();
  readonly #spareBodies: SharedArrayBuffer[] = [];

  constructor(settings: SealSettings, onPack: (pack: BuiltPack) => void) {
    this.#settings = settings;
    this.#sealer = new ChunkSealer(settings.keys);
    this.#onPack = onPack;
  }

  /** The ids of a batch, chunkIdBytes each; the batch is kept under its number until it is sealed. */
  identify(number: number, batch: ChunkBatch): Uint8Array {
    const ids = new Uint8Array(batch.lengths.length * chunkIdBytes);
    for (const [index, plaintext] of chunksOf(batch)) {
      ids.set(this.#sealer.idOf(plaintext), index * chunkIdBytes);
    }
    this.#batches.set(number, { batch, ids: ids.slice() });
    return ids;
  }

  /** Seals the chunks whose place in `wanted` is 1 into packs; gives what they take. The batch's buffer is free again. */
  seal(number: number, wanted: Uint8Array): number {
    const open = this.#batches.get(number);
    if (open === undefined) {
      throw new Error(`batch ${number} was not identified`);
    }
    this.#batches.delete(number);
    let storedBytes = 0;
    for (const [index, plaintext] of chunksOf(open.batch)) {
      if (wanted[index] === 1) {
        const id = open.ids.subarray(index * chunkIdBytes, (index + 1) * chunkIdBytes);
        storedBytes += this.#sealChunk(open.batch, id, plaintext);
      }
    }
    return storedBytes;
  }

  /** Closes the packs that are being built. */
  finish(): void {
    for (const pack of this.#packs.values()) {
      this.#close(pack);
    }
    this.#packs.clear();
  }

  /** Takes back the body of a pack that was written, for a later pack: there are never more than were on their way at once. */
  reuse(body: SharedArrayBuffer): void {
    this.#spareBodies.push(body);
  }

  #sealChunk(batch: ChunkBatch, id: Uint8Array, plaintext: Uint8Array): number {
    const raw = { codec: 'raw', packed: plaintext } as const;
    const { codec, packed } = batch.compress ? packChunk(plaintext, this.#settings.level) : raw;
    const sealed = this.#sealer.seal({ id, packed, codec, rawLength: plaintext.length });
    const written = this.#packFor(batch.class, sealed.sealedLength).append(id, sealed);
    sealed.parts.forEach(releaseMemory);
    if (codec === 'zstd') {
      releaseMemory(packed);
    }
    if (codec === 'zstd' && !this.#sealer.holds(written.bytes, written.chunk, plaintext)) {
      throw new AppError(
        'failed',
        'A chunk did not come out of compression as it went in; check the memory of this machine.',
      );
    }
    return sealed.sealedLength;
  }

  #packFor(chunkClass: ChunkClass, sealedLength: number): PackBuilder {
    const open = this.#packs.get(chunkClass);
    if (open?.hasRoomFor(sealedLength) === true) {
      return open;
    }
    if (open !== undefined) {
      this.#close(open);
    }
    const pack = new PackBuilder(chunkClass, this.#settings.writerGeneration, this.#spareBodies.pop());
    this.#packs.set(chunkClass, pack);
    return pack;
  }

  #close(pack: PackBuilder): void {
    const { objectKeys } = this.#settings;
    this.#onPack(
      pack.finish((objectId, plaintext) =>
        sealObject({ keys: objectKeys, type: 'footer', objectId }, plaintext),
      ),
    );
  }
}

function* chunksOf(batch: ChunkBatch): Generator<readonly [number, Uint8Array]> {
  let offset = 0;
  for (const [index, length] of batch.lengths.entries()) {
    yield [index, new Uint8Array(batch.buffer, offset, length)];
    offset += length;
  }
}
