import { crc32 } from 'node:zlib';
import { FileStat } from '../../platform/file-stat.ts';
import { ByteWriter } from '../listing/byte-writer.ts';
import { ExtentList, holeChunk } from '../listing/extent-list.ts';
import { limits } from '../listing/limits.ts';
import { writePageMap } from '../listing/page-map.ts';
import { contentHashBytes } from '../listing/raw-entry.ts';
import type { RawEntry } from '../listing/raw-entry.ts';
import type { ContentContext } from './content-context.ts';
import { smallestChunk } from './cutter.ts';
import { fillStat } from './entry-stat.ts';
import { LargeFileReader, isSparse } from './large-file.ts';
import type { ContentPass } from './large-file.ts';
import { PageFileReader, pageSizeOf } from './page-file.ts';
import { readRange } from './read-range.ts';

const mostPasses = 3;
const noBytes = Buffer.alloc(0);

/** Reads the content of one open file into an entry. */
export class FileContentReader {
  readonly #context: ContentContext;
  readonly #largeFiles: LargeFileReader;
  /** Extents of the content, while they are found. */
  readonly #extents = new ExtentList();
  readonly #mapWriter = new ByteWriter();
  readonly #after = new FileStat();
  readonly #hash = Buffer.alloc(contentHashBytes);

  constructor(context: ContentContext) {
    this.#context = context;
    this.#largeFiles = new LargeFileReader(context);
  }

  /**
   * Fills the entry: its stat as it was before the first byte, then the content. A file that changes meanwhile is read again, three
   * times in all. False when it changed in the last pass too. Throws the system's error; the entry is then good for nothing.
   */
  read(fd: number, first: FileStat, entry: RawEntry, previous: RawEntry | undefined): boolean {
    const pages = this.#pageReaderOf(fd, first, previous);
    let before = first;
    for (let pass = 1; ; pass += 1) {
      this.#context.link.check();
      fillStat(entry, before);
      const isSteady = this.#readOnce({ fd, before, entry, previous, pages, isLast: pass === mostPasses });
      if (isSteady || pass === mostPasses) {
        return isSteady;
      }
      before = FileStat.of(fd);
    }
  }

  #pageReaderOf(fd: number, stat: FileStat, previous: RawEntry | undefined): PageFileReader | undefined {
    const pageSize = pageSizeOf(fd, stat.size);
    if (pageSize === undefined || isSparse(fd, stat.size, stat.blocks)) {
      return undefined;
    }
    return new PageFileReader(this.#context, pageSize, previous);
  }

  #readOnce(file: OpenFile): boolean {
    const { fd, entry } = file;
    const { size } = entry;
    const sparse = isSparse(fd, size, file.before.blocks);
    if (size < smallestChunk && !sparse && file.pages === undefined) {
      return this.#readSmall(file);
    }
    const pages = file.pages !== undefined && size % file.pages.pageSize === 0 ? file.pages : undefined;
    const pass = this.#readPass(file, pages, sparse);
    const isSteady = this.#isSteady(file, pass.length);
    if (isSteady || file.isLast) {
      this.#finish(entry, pass, pages);
    }
    return isSteady;
  }

  #readPass(file: OpenFile, pages: PageFileReader | undefined, sparse: boolean): ContentPass {
    const { small, large } = this.#context;
    const { fd, entry } = file;
    this.#extents.clear();
    try {
      if (pages !== undefined) {
        return pages.read(fd, entry.size, this.#extents);
      }
      const stream = entry.size < smallestChunk ? small : large;
      return sparse
        ? this.#largeFiles.readSparse(fd, entry.size, stream, this.#extents)
        : this.#largeFiles.readWhole(fd, entry.size, stream, this.#extents);
    } finally {
      large.endChunk();
      this.#context.pages.endChunk();
    }
  }

  /** Nothing is taken before it is known that the file stayed as it was. */
  #readSmall(file: OpenFile): boolean {
    const { entry, previous } = file;
    const { small, counts, numbers } = this.#context;
    const room = small.reserve(entry.size);
    const length = readRange(file.fd, room.bytes.subarray(room.at, room.at + entry.size), 0);
    counts.bytesRead += length;
    const isSteady = this.#isSteady(file, length);
    if (!isSteady && !file.isLast) {
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

  #isSteady(file: OpenFile, length: number): boolean {
    this.#after.lookIn(file.fd);
    return length === file.entry.size && this.#after.isUnchangedSince(file.before);
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

type OpenFile = Readonly<{
  fd: number;
  /** The stat before the first byte, which the entry holds. */
  before: FileStat;
  entry: RawEntry;
  previous: RawEntry | undefined;
  pages: PageFileReader | undefined;
  isLast: boolean;
}>;
