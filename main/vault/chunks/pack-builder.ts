import { createHash, randomBytes } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { SealedChunk } from './chunk-sealing.ts';
import type { ChunkClass } from './chunk-store.ts';
import { encodeTrailer, footerPlaintext, packPaddingBytes } from './pack-footer.ts';
import type { SealFooter } from './pack-footer.ts';
import type { PackedChunk, PackRecord } from './pack-record.ts';
import { maxPackBodyBytes, maxPackChunks } from './pack-record.ts';

/** A finished pack: its bytes are the first `bodyLength` of `body`, then `tail`; `id` is their SHA-256 in hex. */
export type BuiltPack = Readonly<{
  id: string;
  body: SharedArrayBuffer;
  bodyLength: number;
  tail: Uint8Array;
  record: PackRecord;
}>;

/** Gathers sealed chunks into one pack, hashing as they come. */
export class PackBuilder {
  readonly class: ChunkClass;
  readonly #writerGeneration: number;
  readonly #body: Uint8Array<SharedArrayBuffer>;
  readonly #hash: Hash = createHash('sha256');
  readonly #chunks: PackedChunk[] = [];
  #length = 0;

  /** `buffer` holds maxPackBodyBytes: one that comes back from an earlier pack spares its allocation. */
  constructor(chunkClass: ChunkClass, writerGeneration: number, buffer?: SharedArrayBuffer) {
    this.class = chunkClass;
    this.#writerGeneration = writerGeneration;
    this.#body = new Uint8Array(buffer ?? new SharedArrayBuffer(maxPackBodyBytes));
  }

  hasRoomFor(sealedLength: number): boolean {
    return this.#length + sealedLength <= maxPackBodyBytes && this.#chunks.length < maxPackChunks;
  }

  /** Returns the bytes as they stand in the pack, and what its footer will say of them. */
  append(id: Uint8Array, sealed: SealedChunk): Readonly<{ bytes: Uint8Array; chunk: PackedChunk }> {
    const start = this.#length;
    for (const part of sealed.parts) {
      this.#body.set(part, this.#length);
      this.#length += part.length;
    }
    const bytes = this.#body.subarray(start, this.#length);
    this.#hash.update(bytes);
    const { sealedLength, rawLength, generation, codec } = sealed;
    const chunk = { id: new Uint8Array(id), sealedLength, rawLength, generation, codec };
    this.#chunks.push(chunk);
    return { bytes, chunk };
  }

  finish(sealFooter: SealFooter): BuiltPack {
    const record = { class: this.class, writerGeneration: this.#writerGeneration, chunks: this.#chunks };
    const objectId = randomBytes(16);
    const footer = sealFooter(objectId.toString('hex'), footerPlaintext(record));
    const trailer = encodeTrailer(footer.length, objectId);
    const padding = randomBytes(packPaddingBytes(this.#length + footer.length + trailer.length));
    const tail = new Uint8Array(Buffer.concat([padding, footer, trailer]));
    const id = this.#hash.update(tail).digest('hex');
    return { id, body: this.#body.buffer, bodyLength: this.#length, tail, record };
  }
}
