import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { GenerationKeys, ThreadKeys } from '../keys/thread-keys.ts';
import { releaseMemory } from './release-memory.ts';
import type { ChunkChecks } from './chunk-store.ts';
import type { ChunkCodec, PackedChunk } from './pack-record.ts';
import { sealOverheadBytes } from './pack-record.ts';

/** A chunk ready for a pack: `parts` together are its sealed bytes. */
export type SealedChunk = Readonly<{
  parts: readonly Uint8Array[];
  sealedLength: number;
  rawLength: number;
  generation: number;
  codec: ChunkCodec;
}>;

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const chunkFormat = 1;
const domain = Buffer.from('chunk', 'ascii');
/** No honest frame needs a window above the largest chunk (2^22); a hostile one gets no more memory than this. */
const maxWindowLog = 23;

export function chunkIdOf(keys: GenerationKeys, plaintext: Uint8Array): Buffer {
  return createHmac('sha256', keys.idKey).update(plaintext).digest();
}

/** Compresses where that shrinks. Zlib's own small output blocks cost half of the speed: one block of the bound instead. */
export function packChunk(
  plaintext: Uint8Array,
  level: number,
): Readonly<{ codec: ChunkCodec; packed: Uint8Array }> {
  const bound = plaintext.length + (plaintext.length >>> 8) + 1024;
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const packed = zstdCompressSync(plaintext, { chunkSize: bound, params });
  if (packed.length < plaintext.length) {
    return { codec: 'zstd', packed };
  }
  releaseMemory(packed);
  return { codec: 'raw', packed: plaintext };
}

export function unpackChunk(packed: Uint8Array, codec: ChunkCodec, rawLength: number): Uint8Array {
  if (codec === 'raw') {
    return packed;
  }
  // Bounded by what the footer says, which is bounded itself: no bomb unpacks to more.
  const plaintext = zstdDecompressSync(packed, {
    // One byte more than needed: zlib makes another block of this size when one is filled to its end.
    chunkSize: Math.max(rawLength + 1, 64),
    maxOutputLength: rawLength,
    params: { [constants.ZSTD_d_windowLogMax]: maxWindowLog },
  });
  if (plaintext.length !== rawLength) {
    throw new AppError('damaged', 'A chunk has not the length that its pack says.');
  }
  return plaintext;
}

export type ChunkToSeal = Readonly<{
  id: Uint8Array;
  packed: Uint8Array;
  codec: ChunkCodec;
  rawLength: number;
}>;

/** Seals and opens chunks of one vault: AES-256-GCM under a key that only the content has. */
export class ChunkSealer {
  readonly #keys: ThreadKeys;
  readonly #byGeneration: ReadonlyMap<number, GenerationKeys>;
  readonly #vaultId: Buffer;

  constructor(keys: ThreadKeys) {
    this.#keys = keys;
    this.#byGeneration = new Map(keys.all.map((each) => [each.generation, each]));
    this.#vaultId = Buffer.from(keys.vaultId, 'hex');
  }

  /** The id under the current generation. */
  idOf(plaintext: Uint8Array): Buffer {
    return chunkIdOf(this.#keys.current, plaintext);
  }

  seal(chunk: ChunkToSeal): SealedChunk {
    const nonce = randomFillSync(new Uint8Array(nonceBytes));
    const cipher = createCipheriv(algorithm, this.#keyOf(this.#keys.current, chunk.id), nonce);
    cipher.setAAD(this.#context(chunk.id, chunk.codec));
    const body = cipher.update(chunk.packed);
    cipher.final();
    const { codec, rawLength } = chunk;
    const sealedLength = body.length + sealOverheadBytes;
    const { generation } = this.#keys.current;
    return { parts: [nonce, body, cipher.getAuthTag()], sealedLength, rawLength, generation, codec };
  }

  /** The plaintext of a sealed chunk: authenticated, unpacked and, with all checks, hashed again, else `damaged`. */
  open(sealed: Uint8Array, chunk: PackedChunk, checks: ChunkChecks = 'all'): Uint8Array {
    const keys = this.#byGeneration.get(chunk.generation);
    if (keys === undefined || sealed.length !== chunk.sealedLength || sealed.length <= sealOverheadBytes) {
      throw new AppError('damaged', 'A chunk was sealed with a key that this vault does not have.');
    }
    const packed = this.#decrypt(sealed, chunk, keys);
    const plaintext = unpackOrDamaged(packed, chunk);
    if (chunk.codec !== 'raw') {
      releaseMemory(packed);
    }
    if (checks === 'all' && !chunkIdOf(keys, plaintext).equals(chunk.id)) {
      throw new AppError('damaged', 'A chunk holds other bytes than its id says.');
    }
    return plaintext;
  }

  /** Whether the sealed bytes open to exactly `plaintext`. */
  holds(sealed: Uint8Array, chunk: PackedChunk, plaintext: Uint8Array): boolean {
    const packed = this.#decrypt(sealed, chunk, this.#keys.current);
    const opened = unpackOrDamaged(packed, chunk);
    const isSame = Buffer.compare(opened, plaintext) === 0;
    releaseMemory(packed);
    releaseMemory(opened);
    return isSame;
  }

  #decrypt(sealed: Uint8Array, chunk: PackedChunk, keys: GenerationKeys): Uint8Array {
    const end = sealed.length - tagBytes;
    const key = this.#keyOf(keys, chunk.id);
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(this.#context(chunk.id, chunk.codec));
    decipher.setAuthTag(sealed.subarray(end));
    const packed = decipher.update(sealed.subarray(nonceBytes, end));
    try {
      decipher.final();
    } catch (error) {
      throw new AppError('damaged', 'The bytes of a chunk were changed.', { cause: error });
    }
    return packed;
  }

  #keyOf(keys: GenerationKeys, id: Uint8Array): Buffer {
    return createHmac('sha256', keys.dataKey).update(id).digest();
  }

  #context(id: Uint8Array, codec: ChunkCodec): Buffer {
    return Buffer.concat([this.#vaultId, domain, Uint8Array.of(chunkFormat, codec === 'raw' ? 0 : 1), id]);
  }
}

function unpackOrDamaged(packed: Uint8Array, chunk: PackedChunk): Uint8Array {
  try {
    return unpackChunk(packed, chunk.codec, chunk.rawLength);
  } catch (error) {
    // Whatever the decompressor says of bytes that were authenticated: they are not the chunk.
    throw new AppError('damaged', 'A chunk cannot be unpacked.', { cause: error });
  }
}
