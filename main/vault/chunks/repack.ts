import { AppError } from '../../../shared/lib/app-error.ts';
import { sealObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ChunkCopy, ChunkIndex } from '../index/chunk-index.ts';
import type { ChunkClass } from './chunk-store.ts';
import type { PackedChunkWriter } from './chunk-writer.ts';
import type { OpenPool } from './open-pool.ts';
import { PackBuilder } from './pack-builder.ts';
import { packName } from './pack-footer.ts';
import { readGroups } from './read-groups.ts';

type Settings = Readonly<{
  storage: Storage;
  index: ChunkIndex;
  pool: OpenPool;
  writer: PackedChunkWriter;
  objectKeys: ObjectKeys;
  writerGeneration: number;
}>;

/** Moves sealed chunks unchanged into new packs. */
export class Repacking {
  readonly #settings: Settings;
  readonly #packs = new Map<ChunkClass, PackBuilder>();
  readonly #moved = new Set<string>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Copies what is live in these packs; durable and in the durable index when it resolves. */
  async run(packIds: readonly string[], live: Uint8Array, signal: AbortSignal): Promise<void> {
    for (const packId of packIds) {
      await this.#movePack(packId, live, signal);
    }
    for (const pack of this.#packs.values()) {
      await this.#close(pack);
    }
    this.#packs.clear();
    await this.#settings.writer.flush();
  }

  async #movePack(packId: string, live: Uint8Array, signal: AbortSignal): Promise<void> {
    const { index } = this.#settings;
    const pack = index.pack(packId);
    if (pack === undefined || pack.state === 'missing') {
      return;
    }
    const wanted = new Map<string, ChunkCopy>();
    for (const copy of index.chunksOf(packId)) {
      const isLive = live[index.numberOf(copy.chunk.id)] === 1 && index.isNeededIn(packId, copy.chunk.id);
      if (isLive && !this.#moved.has(keyOf(copy.chunk.id))) {
        wanted.set(keyOf(copy.chunk.id), copy);
      }
    }
    const ids = [...wanted.values()].map(({ chunk }) => chunk.id);
    for (const { offset, length, wanted: group } of readGroups(ids, (id) => wanted.get(keyOf(id)))) {
      signal.throwIfAborted();
      const bytes = await this.#readRange(packId, offset, length, signal);
      if (bytes === undefined) continue;
      const copies = group.flatMap(({ copy }) => (copy === undefined ? [] : [copy]));
      await this.#moveChunks(pack.class, bytes, offset, copies);
    }
  }

  /** Undefined when the pack is gone or cut off: what it held is no better anywhere else. */
  async #readRange(
    packId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    try {
      return await this.#settings.storage.readRange(packName(packId), offset, length, { signal });
    } catch (error) {
      if (error instanceof AppError && (error.kind === 'not-found' || error.kind === 'damaged')) {
        return undefined;
      }
      throw error;
    }
  }

  async #moveChunks(
    chunkClass: ChunkClass,
    bytes: Buffer,
    start: number,
    copies: readonly ChunkCopy[],
  ): Promise<void> {
    const items = copies.map(({ offset, chunk }) => ({ offset: offset - start, chunk }));
    const opened = await this.#settings.pool.open(new Uint8Array(bytes), items);
    for (const [number, { offset, chunk }] of items.entries()) {
      // A chunk that does not open stays where it is: moved, it would be damaged all the same, but look as good as new.
      if (opened[number] === undefined) continue;
      const sealed = bytes.subarray(offset, offset + chunk.sealedLength);
      const { sealedLength, rawLength, generation, codec } = chunk;
      const pack = await this.#packFor(chunkClass, sealedLength);
      pack.append(chunk.id, { parts: [sealed], sealedLength, rawLength, generation, codec });
      this.#moved.add(keyOf(chunk.id));
    }
  }

  async #packFor(chunkClass: ChunkClass, sealedLength: number): Promise<PackBuilder> {
    const open = this.#packs.get(chunkClass);
    if (open?.hasRoomFor(sealedLength) === true) {
      return open;
    }
    if (open !== undefined) {
      await this.#close(open);
    }
    const pack = new PackBuilder(chunkClass, this.#settings.writerGeneration);
    this.#packs.set(chunkClass, pack);
    return pack;
  }

  async #close(pack: PackBuilder): Promise<void> {
    const { objectKeys: keys, writer } = this.#settings;
    const built = pack.finish((objectId, plaintext) =>
      sealObject({ keys, type: 'footer', objectId }, plaintext),
    );
    await writer.addPack({ pack: built, giveBack: () => undefined });
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}
