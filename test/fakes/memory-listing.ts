import { crc32 } from 'node:zlib';
import { listingRoot } from '../../shared/model/manifest.ts';
import type { Entry, EntryStat, Extent, FileEntry, Xattr } from '../../main/vault/listing/entry.ts';
import { comparePaths, isWithin, parentLength } from '../../main/vault/listing/path-order.ts';
import type { Listing } from '../../main/vault/listing/listing.ts';
import type { ContentChunk } from './built-listing.ts';
import { MemoryChunks } from './memory-chunks.ts';

const plainStat: EntryStat = {
  mode: 0o644,
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  size: 0,
  mtimeNs: 1_700_000_000_123_456_789n,
  ctimeNs: 1_700_000_001_000_000_001n,
  inode: 1n,
};

export type EntryExtras = Readonly<{ stat?: Partial<EntryStat>; xattrs?: readonly Xattr[] }>;

/** Pieces of a file's content; a number is a hole of that many bytes. */
export type Pieces = readonly (Buffer | number)[];

/** A tree in memory, entry by entry as a test gives them: no codec stands in the way of what must never be believed. */
export class MemoryTree implements Listing {
  readonly chunks: MemoryChunks;
  readonly all: Entry[] = [];
  readonly root = listingRoot.parse({
    rootChunks: ['0'.repeat(64)],
    checksum: '0'.repeat(64),
    entries: 0,
    files: 0,
    bytes: 0,
  });
  readonly data = {
    table: { count: 0, ids: new Uint8Array(), lengths: new Uint32Array(), used: new Uint32Array() },
    blocks: [],
    entries: 0,
    files: 0,
    bytes: 0,
  };
  readonly #ids: Uint8Array[] = [];
  readonly #pages = new Map<string, readonly Extent[]>();

  constructor(root: EntryExtras = {}, chunks = new MemoryChunks()) {
    this.chunks = chunks;
    this.folder('', root);
  }

  /** The chunks of the content, by their numbers. */
  get content(): readonly ContentChunk[] {
    return this.#ids.map((id) => ({ id, length: this.chunks.lengthOf(id) ?? 0 }));
  }

  folder(path: string | Buffer, extras: EntryExtras = {}): this {
    this.all.push({ ...this.#base(path, { mode: 0o755 }, extras), kind: 'folder' });
    return this;
  }

  symlink(path: string | Buffer, target: string | Buffer, extras: EntryExtras = {}): this {
    this.all.push({
      ...this.#base(path, { mode: 0o777 }, extras),
      kind: 'symlink',
      target: Buffer.from(target),
    });
    return this;
  }

  hardLink(path: string | Buffer, linkTo: string | Buffer): this {
    this.all.push({ ...this.#base(path, {}, {}), kind: 'hardlink', linkTo: Buffer.from(linkTo) });
    return this;
  }

  /** A file whose pieces each get a chunk of their own. */
  async file(path: string | Buffer, pieces: Pieces = [], extras: EntryExtras = {}): Promise<this> {
    const extents: Extent[] = [];
    for (const piece of pieces) {
      const chunk = typeof piece === 'number' ? -1 : await this.chunk(piece);
      extents.push({ chunk, offset: 0, length: typeof piece === 'number' ? piece : piece.length });
    }
    this.all.push(this.fileOf(path, extents, crcOf(pieces), extras));
    return this;
  }

  /** The same content, as a page map. */
  async pagedFile(path: string, pieces: Pieces): Promise<this> {
    await this.file(path, pieces);
    const inline = this.all.pop();
    if (inline?.kind === 'file') {
      this.#pages.set(inline.path.toString('latin1'), inline.extents);
      const map = await this.chunk(Buffer.from(`page map of ${path}`));
      this.all.push({ ...inline, content: 'paged', extents: [{ chunk: map, offset: 0, length: 5 }] });
    }
    return this;
  }

  fileOf(
    path: string | Buffer,
    extents: readonly Extent[],
    crc: number,
    extras: EntryExtras = {},
  ): FileEntry {
    const size = extents.reduce((sum, { length }) => sum + length, 0);
    return {
      ...this.#base(path, { size }, extras),
      kind: 'file',
      crc32: crc,
      racy: false,
      content: 'inline',
      extents,
    };
  }

  /** Number of a chunk that holds these bytes. */
  async chunk(bytes: Buffer): Promise<number> {
    this.#ids.push(await this.chunks.add(bytes));
    return this.#ids.length - 1;
  }

  async *entries(prefix = Buffer.alloc(0)): AsyncIterable<Entry> {
    for (const entry of this.all) {
      if (isWithin(entry.path, prefix)) {
        yield entry;
      }
    }
  }

  async entry(path: Buffer): Promise<Entry | undefined> {
    return this.all.find((entry) => entry.path.equals(path));
  }

  async *children(folder: Buffer, after = folder): AsyncIterable<Entry> {
    for (const entry of this.all) {
      const { path } = entry;
      const isAfter = comparePaths(path, path.length, after, after.length) > 0;
      if (isAfter && parentLength(path, path.length) === folder.length && isWithin(path, folder)) {
        yield entry;
      }
    }
  }

  async contentOf(file: FileEntry): Promise<readonly Extent[]> {
    return this.#pages.get(file.path.toString('latin1')) ?? file.extents;
  }

  chunkId(number: number): Uint8Array {
    return this.#ids[number] ?? Buffer.alloc(32);
  }

  async *allChunks(): AsyncIterable<Uint8Array> {
    yield* this.#ids;
  }

  #base(path: string | Buffer, stat: Partial<EntryStat>, extras: EntryExtras) {
    return {
      path: Buffer.from(path),
      stat: { ...plainStat, ...stat, ...extras.stat },
      xattrs: extras.xattrs ?? [],
    };
  }
}

function crcOf(pieces: Pieces): number {
  return pieces.reduce<number>((crc, piece) => {
    return crc32(typeof piece === 'number' ? Buffer.alloc(piece) : piece, crc);
  }, 0);
}
