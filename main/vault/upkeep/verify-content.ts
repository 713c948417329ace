import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import type { ChunkReader } from '../chunks/chunk-store.ts';
import { readRepeated } from '../chunks/read-repeated.ts';
import { ChunkTable } from '../index/chunk-table.ts';
import { crc32OfZeros } from '../listing/crc32-zeros.ts';
import type { Entry, Extent, FileEntry } from '../listing/entry.ts';
import type { Listing } from '../listing/listing.ts';
import type { ListingProblem } from './verify-listings.ts';

type File = Readonly<{ file: FileEntry; extents: readonly Extent[]; key: Buffer }>;

/** Extents that are read in one go; the reader bounds the bytes itself. */
const extentsAtOnce = 4096;
/** Files that are named one by one of each listing. */
const maxNamed = 100;

/**
 * Reads the content of files as a restore does and compares it with their CRC-32: an end-to-end check of our own cutting. A file
 * that lies in many backups unchanged is read once.
 */
export class ContentCheck {
  readonly #reader: ChunkReader;
  readonly #signal: AbortSignal;
  readonly #onBytes: (bytes: number) => void;
  readonly #checked = new ChunkTable();

  /** `onBytes` is told the length of each file that is right, once. */
  constructor(
    reader: ChunkReader,
    options: Readonly<{ signal: AbortSignal; onBytes: (bytes: number) => void }>,
  ) {
    this.#reader = reader;
    this.#signal = options.signal;
    this.#onBytes = options.onBytes;
  }

  /** What is wrong in the listing: files whose content is not what was read from the source, and entries that do not decode. */
  async *problems(listing: Listing): AsyncGenerator<ListingProblem> {
    let named = 0;
    for await (const { file, reason } of this.wrongFiles(listing)) {
      named += 1;
      if (named > maxNamed) continue;
      yield { object: `file ${pathText(file.path)}`, reason };
    }
    if (named > maxNamed) {
      yield { object: 'more files', reason: `${named - maxNamed} more files of this source are damaged.` };
    }
  }

  /** Every wanted file whose content is not what was read from the source; further names of a file are no files. */
  async *wrongFiles(
    listing: Listing,
    wants: (entry: Entry) => boolean = () => true,
  ): AsyncGenerator<Readonly<{ file: FileEntry; reason: string }>> {
    let batch: File[] = [];
    let extents = 0;
    for await (const entry of listing.entries()) {
      this.#signal.throwIfAborted();
      if (entry.kind !== 'file' || !wants(entry)) continue;
      const file = await this.#newFile(listing, entry);
      if (file === undefined) continue;
      if ('reason' in file) {
        yield file;
        continue;
      }
      batch.push(file);
      extents += file.extents.length;
      if (extents < extentsAtOnce) continue;
      yield* this.#wrongOf(listing, batch);
      batch = [];
      extents = 0;
    }
    yield* this.#wrongOf(listing, batch);
  }

  /** Undefined for a file whose very extents were read before. */
  async #newFile(
    listing: Listing,
    file: FileEntry,
  ): Promise<File | Readonly<{ file: FileEntry; reason: string }> | undefined> {
    try {
      const extents = await listing.contentOf(file);
      const key = contentKey(listing, file, extents);
      return this.#checked.find(key) === -1 ? { file, extents, key } : undefined;
    } catch (error) {
      return { file, reason: damageOf(error) };
    }
  }

  async *#wrongOf(
    listing: Listing,
    batch: readonly File[],
  ): AsyncGenerator<Readonly<{ file: FileEntry; reason: string }>> {
    if (await this.#isRight(listing, batch)) return;
    // Rare: one after the other, to know which.
    for (const each of batch) {
      const reason = await this.#reasonOf(listing, each);
      if (reason !== undefined) yield { file: each.file, reason };
    }
  }

  async #isRight(listing: Listing, batch: readonly File[]): Promise<boolean> {
    try {
      for await (const isRight of this.#compare(listing, batch)) if (!isRight) return false;
      return true;
    } catch (error) {
      damageOf(error);
      return false;
    }
  }

  async #reasonOf(listing: Listing, file: File): Promise<string | undefined> {
    try {
      for await (const isRight of this.#compare(listing, [file])) {
        if (!isRight) return 'The content of a file is not what was read from its source.';
      }
      return undefined;
    } catch (error) {
      return damageOf(error);
    }
  }

  /** For each file whether its content has the CRC-32 and the length that the listing says. */
  async *#compare(listing: Listing, files: readonly File[]): AsyncGenerator<boolean> {
    const ids = files.flatMap(({ extents }) =>
      extents.filter(isData).map(({ chunk }) => listing.chunkId(chunk)),
    );
    const chunks = readRepeated(this.#reader, ids);
    try {
      for (const { file, extents, key } of files) {
        let sum = 0;
        let length = 0;
        for (const extent of extents) {
          sum = isData(extent)
            ? crc32(await nextSlice(chunks, extent), sum)
            : crc32OfZeros(sum, extent.length);
          length += extent.length;
        }
        const isRight = sum === file.crc32 && length === file.stat.size;
        if (isRight && this.#checked.find(key) === -1) {
          this.#checked.add(key);
          this.#onBytes(length);
        }
        yield isRight;
      }
    } finally {
      await chunks.return();
    }
  }
}

async function nextSlice(chunks: AsyncIterator<Buffer>, { offset, length }: Extent): Promise<Buffer> {
  const next = await chunks.next();
  if (next.done === true || offset + length > next.value.length) {
    throw new AppError('damaged', 'A file needs more of a chunk than there is.');
  }
  return next.value.subarray(offset, offset + length);
}

function isData({ chunk }: Extent): boolean {
  return chunk !== -1;
}

function contentKey(listing: Listing, file: FileEntry, extents: readonly Extent[]): Buffer {
  const hash = createHash('sha256').update(`${file.crc32}\n${file.stat.size}\n`);
  for (const extent of extents) {
    hash.update(`${extent.offset}\n${extent.length}\n`);
    if (isData(extent)) hash.update(listing.chunkId(extent.chunk));
  }
  return hash.digest();
}

/** The sentence of damage; other errors are thrown on. */
function damageOf(error: unknown): string {
  const isDamage = error instanceof AppError && error.kind !== 'unavailable' && error.kind !== 'cancelled';
  if (!isDamage) throw error;
  return messageOf(error);
}
