import { crc32 } from 'node:zlib';
import { ByteWriter } from '../../listing/byte-writer.ts';
import { ExtentList, holeChunk } from '../../listing/extent-list.ts';
import { limits } from '../../listing/limits.ts';
import { writePageMap } from '../../listing/page-map.ts';
import { contentHashBytes } from '../../listing/raw-entry.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';
import type { ContentContext } from './content-context.ts';
import { smallestChunk } from './cutter.ts';
import { fillStat } from '../walk/entry-stat.ts';
import type { FileSource } from './file-source.ts';
import { LargeFileReader } from './large-file.ts';
import type { ContentPass } from './large-file.ts';
import { PageFileReader, pageSizeOf } from './page-file.ts';

const noBytes = Buffer.alloc(0);
/** Databases named in the result. */
const mostNamed = 1000;

/** Reads the content of one open file into an entry. */
export class FileContentReader {
  readonly #context: ContentContext;
  readonly #largeFiles: LargeFileReader;
  /** Extents of the content, while they are found. */
  readonly #extents = new ExtentList();
  readonly #mapWriter = new ByteWriter();
  readonly #hash = Buffer.alloc(contentHashBytes);

  constructor(context: ContentContext) {
    this.#context = context;
    this.#largeFiles = new LargeFileReader(context);
  }

  /**
   * Fills the entry: its stat as it was before the first byte, then the content. A file that changes meanwhile is read again, as often
   * as its source allows. False when it changed in the last pass too. Throws the source's error; the entry is then good for nothing.
   */
  read(source: FileSource, entry: RawEntry, previous: RawEntry | undefined): boolean {
    const pages = this.#pageReaderOf(source, previous);
    do {
      this.#context.link.check();
      fillStat(entry, source.stat);
      if (this.#readOnce({ source, entry, previous, pages })) {
        return true;
      }
    } while (source.again());
    return false;
  }

  #pageReaderOf(source: FileSource, previous: RawEntry | undefined): PageFileReader | undefined {
    const pageSize = pageSizeOf(source);
    if (pageSize === undefined || source.isSparse) {
      return undefined;
    }
    return new PageFileReader(this.#context, pageSize, previous);
  }

  #readOnce(file: ReadFile): boolean {
    const { source, entry } = file;
    const { size } = entry;
    const sparse = source.isSparse;
    if (size < smallestChunk && !sparse && file.pages === undefined) {
      return this.#readSmall(file);
    }
    const pages = file.pages !== undefined && size % file.pages.pageSize === 0 ? file.pages : undefined;
    const pass = this.#readPass(file, pages, sparse);
    const isSteady = source.isSteady(pass.length);
    if (isSteady || source.isLast) {
      this.#finish(entry, pass, pages);
      if (pages !== undefined) this.#nameDatabase(file);
    }
    return isSteady;
  }

  #nameDatabase({ entry, previous }: ReadFile): void {
    const { changedDatabases } = this.#context;
    const isSame = previous?.paged === true && previous.size === entry.size && previous.crc32 === entry.crc32;
    // Of its own memory: sending a part of a shared buffer would send all of it.
    if (!isSame && changedDatabases.length < mostNamed)
      changedDatabases.push(Uint8Array.from(entry.copyPath()));
  }

  #readPass(file: ReadFile, pages: PageFileReader | undefined, sparse: boolean): ContentPass {
    const { small, large } = this.#context;
    const { source, entry } = file;
    this.#extents.clear();
    try {
      if (pages !== undefined) {
        return pages.read(source, entry.size, this.#extents);
      }
      const stream = entry.size < smallestChunk ? small : large;
      return sparse
        ? this.#largeFiles.readSparse(source, entry.size, stream, this.#extents)
        : this.#largeFiles.readWhole(source, entry.size, stream, this.#extents);
    } finally {
      large.endChunk();
      this.#context.pages.endChunk();
    }
  }

  /** Nothing is taken before it is known that the file stayed as it was. */
  #readSmall(file: ReadFile): boolean {
    const { source, entry, previous } = file;
    const { small, counts, numbers } = this.#context;
    const room = small.reserve(entry.size);
    const length = source.read(room.bytes.subarray(room.at, room.at + entry.size), 0);
    counts.bytesRead += length;
    const isSteady = source.isSteady(length);
    if (!isSteady && !source.isLast) {
      return false;
    }
    const content = room.bytes.subarray(room.at, room.at + length);
    this.#context.hash.write(content, this.#hash, 0);
    if (!this.#isKnown(entry, length, previous)) {
      entry.clearContent();
      entry.size = length;
      entry.crc32 = crc32(content);
      entry.hashed = length > 0;
      this.#hash.copy(entry.hash);
      small.take(length, entry.extents);
      numbers.useExtents(entry.extents);
    }
    return isSteady;
  }

  /** Whether the content is that of the backup before, by its hash; it is then taken over. */
  #isKnown(entry: RawEntry, length: number, previous: RawEntry | undefined): boolean {
    if (
      previous === undefined ||
      !previous.hashed ||
      previous.size !== length ||
      !previous.hash.equals(this.#hash)
    ) {
      return false;
    }
    return this.#context.previous?.takeOver(entry, previous) === true;
  }

  /** Puts the extents into the entry, or a page map of them. */
  #finish(entry: RawEntry, pass: ContentPass, pages: PageFileReader | undefined): void {
    const { numbers } = this.#context;
    entry.clearContent();
    entry.size = pass.length;
    entry.crc32 = pass.crc32;
    numbers.useExtents(this.#extents);
    if ((pages !== undefined && pass.length > 0) || this.#extents.count > limits.inlineExtents) {
      this.#writeMap(entry, pages);
      numbers.useExtents(entry.extents);
    } else {
      entry.extents.addAll(this.#extents);
    }
  }

  #writeMap(entry: RawEntry, pages: PageFileReader | undefined): void {
    this.#mapWriter.reset();
    writePageMap(this.#mapWriter, {
      pageSize: pages?.pageSize ?? 0,
      pageCount: pages === undefined ? 0 : entry.size / pages.pageSize,
      hashes: pages?.hashes ?? noBytes,
      extents: this.#extents,
    });
    entry.paged = true;
    entry.dataBytes = this.#extents.dataLength();
    const chunks = new Set<number>();
    for (let index = 0; index < this.#extents.count; index += 1) {
      chunks.add(this.#extents.chunkAt(index));
    }
    chunks.delete(holeChunk);
    for (const chunk of [...chunks].toSorted((left, right) => left - right)) {
      entry.runs.add(chunk);
    }
    this.#context.small.append(this.#mapWriter.written, entry.extents);
  }
}

type ReadFile = Readonly<{
  source: FileSource;
  entry: RawEntry;
  previous: RawEntry | undefined;
  pages: PageFileReader | undefined;
}>;
