import type { ListingRoot } from '../../../shared/model/manifest.ts';
import type { ChunkReader } from '../chunks/chunk-store.ts';
import { isZeroId } from './root-codec.ts';
import { BlockIndex } from './block-index.ts';
import { damagedListing } from './byte-reader.ts';
import { toEntry } from './entry-object.ts';
import type { Entry, Extent, FileEntry } from './entry.ts';
import { ListingBlocks } from './listing-blocks.ts';
import type { Listing } from './listing.ts';
import { readPageMap } from './page-map.ts';
import { comparePaths, isPrefix, isWithin, parentLength } from './path-order.ts';
import { kinds } from './raw-entry.ts';
import type { RawEntry } from './raw-entry.ts';
import { chunkIdOf, readExtents } from './read-extents.ts';
import type { RootData } from './root-codec.ts';

const rootPath = Buffer.alloc(0);

/** A listing over chunks: holds its root in memory, reads blocks as they are asked for. */
export class StoredListing implements Listing {
  readonly root: ListingRoot;
  readonly data: RootData;
  readonly #reader: ChunkReader;
  readonly #index: BlockIndex;
  readonly #blocks: ListingBlocks;

  constructor(reader: ChunkReader, root: ListingRoot, data: RootData) {
    this.root = root;
    this.data = data;
    this.#reader = reader;
    this.#index = new BlockIndex(data.blocks);
    this.#blocks = new ListingBlocks(reader, data);
  }

  async *entries(prefix: Buffer = rootPath): AsyncIterable<Entry> {
    if (prefix.length === 0) {
      yield* this.#allEntries();
    } else if (await this.#liesInFolders(prefix)) {
      yield* this.#entriesWithin(prefix);
    }
  }

  async entry(path: Buffer): Promise<Entry | undefined> {
    const raw = await this.#find(path);
    return raw === undefined ? undefined : toEntry(raw);
  }

  async *children(folder: Buffer, after: Buffer = folder): AsyncIterable<Entry> {
    const above = await this.#find(folder);
    if (above === undefined || above.kind !== kinds.folder) {
      return;
    }
    let index: number | undefined = this.#index.blockOf(isWithin(after, folder) ? after : folder);
    while (index !== undefined) {
      for await (const raw of this.#blocks.walk(index, index + 1)) {
        if (raw.pathLength > folder.length && isPrefix(raw.path, raw.pathLength, folder, folder.length)) {
          const isAfter = comparePaths(raw.path, raw.pathLength, after, after.length) > 0;
          if (isAfter && parentLength(raw.path, raw.pathLength) === folder.length) {
            await this.#checkFirstName(raw);
            yield toEntry(raw);
          }
        } else if (comparePaths(raw.path, raw.pathLength, folder, folder.length) > 0) {
          return;
        }
      }
      index = this.#index.nextWithChildren(index, folder);
    }
  }

  async contentOf(file: FileEntry): Promise<readonly Extent[]> {
    if (file.content === 'inline') {
      return file.extents;
    }
    const { table } = this.data;
    const bytes = await readExtents(this.#reader, table, file.extents);
    return readPageMap(bytes, table.lengths, file.stat.size).extents.toExtents();
  }

  chunkId(number: number): Uint8Array {
    return chunkIdOf(this.data.table, number);
  }

  async *allChunks(): AsyncIterable<Uint8Array> {
    for (const id of this.root.rootChunks) {
      yield Buffer.from(id, 'hex');
    }
    for (const block of this.data.blocks) {
      yield block.id;
    }
    const { table } = this.data;
    for (let number = 0; number < table.count; number += 1) {
      if (!isZeroId(table.ids, number)) {
        yield chunkIdOf(table, number);
      }
    }
  }

  /** Every entry; checks what only the whole shows: first names of hard links, and the counts of the root. */
  async *#allEntries(): AsyncIterable<Entry> {
    const firstNames = new Set<string>();
    let files = 0;
    let bytes = 0;
    for await (const raw of this.#blocks.walk(0, this.data.blocks.length)) {
      if (raw.kind === kinds.hardlink && !firstNames.has(raw.target.toString('latin1'))) {
        throw damagedListing('the first name of a hard link is no file or symlink');
      }
      if (raw.linked) {
        firstNames.add(raw.path.toString('latin1', 0, raw.pathLength));
      }
      files += raw.kind === kinds.file || raw.kind === kinds.hardlink ? 1 : 0;
      bytes += raw.storedBytes();
      yield toEntry(raw);
    }
    if (files !== this.data.files || bytes !== this.data.bytes) {
      throw damagedListing('its counts disagree');
    }
  }

  async *#entriesWithin(prefix: Buffer): AsyncIterable<Entry> {
    const from = this.#index.blockOf(prefix);
    for await (const raw of this.#blocks.walk(from, this.#index.endOf(prefix))) {
      if (isPrefix(raw.path, raw.pathLength, prefix, prefix.length)) {
        await this.#checkFirstName(raw);
        yield toEntry(raw);
      } else if (comparePaths(raw.path, raw.pathLength, prefix, prefix.length) > 0) {
        return;
      }
    }
  }

  async #checkFirstName(raw: RawEntry): Promise<void> {
    if (raw.kind !== kinds.hardlink) {
      return;
    }
    const first = await this.#find(Buffer.from(raw.target));
    if (first === undefined || !first.linked) {
      throw damagedListing('the first name of a hard link is no file or symlink');
    }
  }

  /** Whether every path above this one is a folder of the listing: what is read from the middle has not shown that. */
  async #liesInFolders(path: Buffer): Promise<boolean> {
    for (let length = parentLength(path, path.length); length > 0; length = parentLength(path, length)) {
      const folder = await this.#find(path.subarray(0, length));
      if (folder === undefined) {
        return false;
      }
      if (folder.kind !== kinds.folder) {
        throw damagedListing('an entry lies in no folder');
      }
    }
    return true;
  }

  async #find(path: Buffer): Promise<RawEntry | undefined> {
    const index = this.#index.blockOf(path);
    for await (const raw of this.#blocks.walk(index, index + 1)) {
      const order = comparePaths(raw.path, raw.pathLength, path, path.length);
      if (order >= 0) {
        return order === 0 ? raw : undefined;
      }
    }
    return undefined;
  }
}
