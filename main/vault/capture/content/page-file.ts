import { crc32 } from 'node:zlib';
import { holeChunk } from '../../listing/extent-list.ts';
import type { ExtentList } from '../../listing/extent-list.ts';
import { limits } from '../../listing/limits.ts';
import { pageHashBytes } from '../../listing/page-map.ts';
import type { PageMap } from '../../listing/page-map.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';
import type { ContentContext } from './content-context.ts';
import type { FileSource } from './file-source.ts';
import type { ContentPass } from './large-file.ts';
import { PageIndex } from './page-index.ts';

const magic = Buffer.from('SQLite format 3\0');
const headerBytes = 100;
/** Smaller ones go with the other small files. */
const smallestPagedFile = 65_536;
/** Larger ones are cut by content: the index of their pages would take too much memory. */
const mostPages = 2_097_152;
const stepBytes = 1_048_576;
/** A file whose pages lie in more runs of chunks is stored anew as a whole. */
const mostRuns = limits.chunkRuns / 2;

/** The page size of a SQLite file that is to be stored page by page; undefined for every other file. */
export function pageSizeOf(source: FileSource): number | undefined {
  const { size } = source.stat;
  if (size < smallestPagedFile) {
    return undefined;
  }
  const header = Buffer.alloc(headerBytes);
  if (source.header(header) < headerBytes || !header.subarray(0, magic.length).equals(magic)) {
    return undefined;
  }
  const stated = header.readUInt16BE(16);
  const pageSize = stated === 1 ? 65_536 : stated;
  const isPower = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0;
  return isPower && size % pageSize === 0 && size >= 2 * pageSize && size / pageSize <= mostPages
    ? pageSize
    : undefined;
}

/** Reads one file page by page; pages that were in the backup before are found by their hash, wherever they moved to. */
export class PageFileReader {
  readonly #context: ContentContext;
  readonly pageSize: number;
  readonly #index = new PageIndex();
  #hashes = Buffer.alloc(0);
  readonly #buffer = Buffer.alloc(stepBytes);

  constructor(context: ContentContext, pageSize: number, previous: RawEntry | undefined) {
    this.#context = context;
    this.pageSize = pageSize;
    if (previous !== undefined && previous.runs.count <= mostRuns) {
      const map = context.previous?.pageMapOf(previous);
      if (map?.pageSize === pageSize) {
        this.#addPages(map);
      }
    }
  }

  /** Hashes of the pages of the last pass. */
  get hashes(): Buffer {
    return this.#hashes;
  }

  /** Reads `size` bytes, or as many whole pages as there are. */
  read(source: FileSource, size: number, extents: ExtentList): ContentPass {
    const pass: ContentPass = { length: 0, crc32: 0 };
    this.#hashes = Buffer.alloc((size / this.pageSize) * pageHashBytes);
    while (pass.length < size) {
      this.#context.link.check();
      const wanted = Math.min(stepBytes, size - pass.length);
      const read = source.read(this.#buffer.subarray(0, wanted), pass.length);
      const whole = read - (read % this.pageSize);
      for (let at = 0; at < whole; at += this.pageSize) {
        this.#takePage(at, (pass.length + at) / this.pageSize, extents);
      }
      pass.crc32 = crc32(this.#buffer.subarray(0, whole), pass.crc32);
      pass.length += whole;
      this.#context.counts.bytesRead += read;
      if (read < wanted) {
        break;
      }
    }
    return pass;
  }

  #takePage(at: number, page: number, extents: ExtentList): void {
    const content = this.#buffer.subarray(at, at + this.pageSize);
    const hashAt = page * pageHashBytes;
    this.#context.hash.write(content, this.#hashes, hashAt);
    const known = this.#index.find(this.#hashes, hashAt);
    if (known !== -1) {
      extents.add(this.#index.chunkAt(known), this.#index.offsetAt(known), this.pageSize);
      return;
    }
    const room = this.#context.pages.reserve(this.pageSize);
    room.bytes.set(content, room.at);
    this.#context.pages.take(this.pageSize, extents);
    const last = extents.count - 1;
    const offset = extents.offsetAt(last) + extents.lengthAt(last) - this.pageSize;
    this.#index.add(this.#hashes, hashAt, extents.chunkAt(last), offset);
  }

  /** Adds the pages of the previous map that lie whole in chunks which may be used again. */
  #addPages(map: PageMap): void {
    let start = 0;
    for (let index = 0; index < map.extents.count; index += 1) {
      const chunk = map.extents.chunkAt(index);
      const end = start + map.extents.lengthAt(index);
      if (chunk !== holeChunk) {
        this.#addPagesOf(map, index, start, end);
      }
      start = end;
    }
  }

  #addPagesOf(map: PageMap, index: number, start: number, end: number): void {
    const chunk = map.extents.chunkAt(index);
    const first = Math.ceil(start / this.pageSize);
    for (let page = first; (page + 1) * this.pageSize <= end; page += 1) {
      const number = this.#context.previous?.reusableChunk(chunk, this.pageSize) ?? -1;
      if (number !== -1) {
        const offset = map.extents.offsetAt(index) + page * this.pageSize - start;
        this.#index.add(map.hashes, page * pageHashBytes, number, offset);
      }
    }
  }
}
