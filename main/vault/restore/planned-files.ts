import { ByteReader } from '../listing/byte-reader.ts';
import { ByteWriter } from '../listing/byte-writer.ts';
import type { Extent, FileEntry } from '../listing/entry.ts';
import { holeChunk } from '../listing/extent-list.ts';
import { TreeOpsWriter } from './tree-ops.ts';
import type { TreePlace } from './tree-ops.ts';

/** `begin` is the operation that begins the file, encoded; `extents` are those of its entry, `paged` the entry of a paged file. */
export type PlannedFile = Readonly<{
  begin: Buffer;
  size: number;
  extents: readonly Extent[];
  paged: FileEntry | undefined;
}>;

/**
 * The files of one stretch of the tree, as bytes: as objects they would live long enough to grow the heap for good. Given out in the
 * order of the chunks in which their content begins.
 */
export class PlannedFiles {
  readonly #bytes = new ByteWriter(262_144);
  readonly #ops = new TreeOpsWriter(this.#bytes);
  readonly #reader = new ByteReader();
  readonly #paged = new Map<number, FileEntry>();
  readonly #ranks = new Map<number, number>();
  #files: Readonly<{ rank: number; at: number }>[] = [];

  add(entry: FileEntry, place: TreePlace): void {
    const at = this.#bytes.length;
    this.#files.push({ rank: this.#rankOf(entry), at });
    if (entry.content === 'paged') {
      this.#paged.set(at, entry);
    }
    this.#bytes.varint(entry.stat.size);
    this.#bytes.varint(entry.extents.length);
    for (const { chunk, offset, length } of entry.extents) {
      this.#bytes.varint(chunk - holeChunk);
      this.#bytes.varint(offset);
      this.#bytes.varint(length);
    }
    const lengthAt = this.#bytes.length;
    this.#bytes.uint32(0);
    this.#ops.beginFile(place, entry, entry.crc32);
    this.#bytes.written.writeUInt32LE(this.#bytes.length - lengthAt - 4, lengthAt);
  }

  /** Each file in its turn; what one holds is a view until the next is asked for. */
  *inOrder(): Generator<PlannedFile> {
    for (const { at } of this.#files.toSorted((left, right) => left.rank - right.rank)) {
      this.#reader.open(this.#bytes.written.subarray(at));
      const size = number(this.#reader);
      const extents = Array.from({ length: number(this.#reader) }, () => ({
        chunk: number(this.#reader) + holeChunk,
        offset: number(this.#reader),
        length: number(this.#reader),
      }));
      const begin = this.#reader.view(this.#reader.uint32());
      yield { begin, size, extents, paged: this.#paged.get(at) };
    }
  }

  clear(): void {
    this.#bytes.reset();
    this.#paged.clear();
    this.#ranks.clear();
    this.#files = [];
  }

  #rankOf(entry: FileEntry): number {
    const chunk = entry.extents.find((extent) => extent.chunk !== holeChunk)?.chunk;
    // Files without chunks, and those of page maps (whose own chunks say nothing), stay where they stand.
    if (chunk === undefined || entry.content === 'paged') {
      return this.#ranks.size;
    }
    const known = this.#ranks.get(chunk);
    if (known === undefined) {
      this.#ranks.set(chunk, this.#ranks.size);
    }
    return known ?? this.#ranks.size - 1;
  }
}

function number(reader: ByteReader): number {
  return reader.varint(Number.MAX_SAFE_INTEGER);
}
