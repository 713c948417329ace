import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ChunkCopy, ChunkIndex } from '../index/chunk-index.ts';
import { ChunkCache } from './chunk-cache.ts';
import type { ChunkChecks, ChunkReader } from './chunk-store.ts';
import type { OpenPool } from './open-pool.ts';
import { packName } from './pack-footer.ts';
import { readGroups } from './read-groups.ts';
import type { ReadGroup } from './read-groups.ts';

type Settings = Readonly<{
  storage: Storage;
  index: ChunkIndex;
  pool: OpenPool;
  /** Looks for packs that the index does not know yet; true when it found some. */
  refresh: () => Promise<boolean>;
  signal?: AbortSignal;
}>;

const cacheBytes = 64 * 1024 * 1024;
const windowBytes = 32 * 1024 * 1024;

type Opened = Readonly<{ id: Uint8Array; plaintext: Buffer | undefined }>;
type Running = Readonly<{ rawBytes: number; result: Promise<readonly Opened[]> }>;

/** Reads chunks out of packs. Every copy that the index knows of is tried before a chunk is called damaged. */
export class PackedChunkReader implements ChunkReader {
  readonly #settings: Settings;
  readonly #cache = new ChunkCache(cacheBytes);
  #isRefreshOfUse = true;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async read(id: Uint8Array): Promise<Buffer> {
    const cached = this.#cache.get(id);
    if (cached !== undefined) {
      return cached;
    }
    const chunk =
      (await this.#readAnyCopy(id)) ?? ((await this.#refresh()) ? await this.#readAnyCopy(id) : undefined);
    if (chunk === undefined) {
      throw this.#damaged(id);
    }
    this.#cache.set(id, chunk);
    return chunk;
  }

  async *readMany(ids: Iterable<Uint8Array>, checks: ChunkChecks = 'all'): AsyncGenerator<Buffer> {
    const { index } = this.#settings;
    const groups = readGroups(ids, (id) => index.copies(id)[0]);
    const running: Running[] = [];
    let bytes = 0;
    let isMore = true;
    for (;;) {
      while (isMore && (running.length === 0 || bytes < windowBytes)) {
        const { value: group, done } = groups.next();
        isMore = done !== true;
        if (group !== undefined) {
          bytes += group.rawBytes;
          running.push({ rawBytes: group.rawBytes, result: this.#start(group, checks) });
        }
      }
      const first = running.shift();
      if (first === undefined) {
        return;
      }
      // What comes next is being read meanwhile.
      for (const { id, plaintext } of await first.result) {
        // Only for chunks that failed; a copy, since the memory is given away.
        yield plaintext ?? Buffer.from(await this.read(id));
      }
      bytes -= first.rawBytes;
    }
  }

  lengthOf(id: Uint8Array): number | undefined {
    return this.#settings.index.lengthOf(id);
  }

  /** Never rejects before somebody waits for it: a reader that stops early leaves groups that nobody asks for. */
  #start(group: ReadGroup, checks: ChunkChecks): Promise<readonly Opened[]> {
    const result = this.#readGroup(group, checks);
    result.catch(() => undefined);
    return result;
  }

  async #readGroup(group: ReadGroup, checks: ChunkChecks): Promise<readonly Opened[]> {
    const { packId, wanted } = group;
    if (packId === undefined) {
      return wanted.map(({ id }) => ({ id, plaintext: undefined }));
    }
    const sealed = await this.#readRange(packId, group.offset, group.length);
    if (sealed === undefined) {
      return wanted.map(({ id }) => ({ id, plaintext: undefined }));
    }
    const items = wanted.flatMap(({ copy }) =>
      copy === undefined ? [] : [{ offset: copy.offset - group.offset, chunk: copy.chunk }],
    );
    const opened = await this.#settings.pool.open(sealed, items, checks);
    return wanted.map(({ id }, number) => ({ id, plaintext: asBuffer(opened[number]) }));
  }

  async #readAnyCopy(id: Uint8Array): Promise<Buffer | undefined> {
    for (const copy of this.#settings.index.copies(id)) {
      // The next copy only when this one failed.
      const chunk = await this.#readCopy(copy);
      if (chunk !== undefined) {
        return chunk;
      }
    }
    return undefined;
  }

  async #readCopy({ packId, offset, chunk }: ChunkCopy): Promise<Buffer | undefined> {
    const sealed = await this.#readRange(packId, offset, chunk.sealedLength);
    if (sealed === undefined) {
      return undefined;
    }
    const [plaintext] = await this.#settings.pool.open(sealed, [{ offset: 0, chunk }]);
    return asBuffer(plaintext);
  }

  /** Undefined when the pack is gone or cut off: another copy may do. */
  async #readRange(packId: string, offset: number, length: number): Promise<Buffer | undefined> {
    const { storage, signal } = this.#settings;
    try {
      return await storage.readRange(
        packName(packId),
        offset,
        length,
        signal === undefined ? {} : { signal },
      );
    } catch (error) {
      if (error instanceof AppError && (error.kind === 'not-found' || error.kind === 'damaged')) {
        return undefined;
      }
      throw error;
    }
  }

  /** Once it brought nothing it is not tried again: a lost pack must not cost a look at the storage for each of its chunks. */
  async #refresh(): Promise<boolean> {
    if (this.#isRefreshOfUse) {
      this.#isRefreshOfUse = false;
      this.#isRefreshOfUse = await this.#settings.refresh();
    }
    return this.#isRefreshOfUse;
  }

  #damaged(id: Uint8Array): AppError {
    const chunkId = Buffer.from(id).toString('hex');
    const packs = this.#settings.index.copies(id).map((copy) => copy.packId);
    const what = packs.length === 0 ? 'is missing from' : 'is damaged in';
    return new AppError('damaged', `A piece of the backup's data ${what} the vault.`, {
      details: { chunkId, packs },
    });
  }
}

function asBuffer(plaintext: Uint8Array<ArrayBuffer> | undefined): Buffer | undefined {
  return plaintext === undefined
    ? undefined
    : Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.length);
}
