import { AppError } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import { maxChunkBytes } from '../chunks/chunk-store.ts';
import type { ChunkReader } from '../chunks/chunk-store.ts';
import { damagedListing } from '../listing/byte-reader.ts';
import { ByteWriter } from '../listing/byte-writer.ts';
import type { Entry, Extent, FileEntry, HardLinkEntry } from '../listing/entry.ts';
import { holeChunk } from '../listing/extent-list.ts';
import type { Listing } from '../listing/listing.ts';
import { PlannedFiles } from './planned-files.ts';
import type { PlannedFile } from './planned-files.ts';
import { TreeOpsWriter } from './tree-ops.ts';
import type { TreePlace } from './tree-ops.ts';
import { TreeOrder } from './tree-order.ts';

/** Before the operations from `opsAt` on, this chunk must have been sent. */
export type ChunkNeed = Readonly<{ chunk: number; opsAt: number }>;

/** A stretch of the tree, ready to be done in order. */
export type RestorePlan = Readonly<{ ops: Buffer; needs: readonly ChunkNeed[] }>;

type PlanSource = Readonly<{
  listing: Listing;
  reader: ChunkReader;
  wants: ((entry: Entry) => boolean) | undefined;
}>;

const maxEntries = 32_768;
const maxExtents = 262_144;
/** Plaintext of chunks that the thread keeps, in case another file needs them soon. */
const keptBytes = 24 * 1024 * 1024;

/**
 * Turns a listing into stretches of work. Within a stretch files are written in the order of their chunks, not of their names:
 * after many backups the files of one folder lie in many chunks, and each chunk should be read once.
 */
export class RestorePlanner {
  readonly #source: PlanSource;
  readonly #bytes = new ByteWriter(262_144);
  readonly #ops = new TreeOpsWriter(this.#bytes);
  readonly #order: TreeOrder;
  readonly #files = new PlannedFiles();
  readonly #kept = new Map<number, number>();
  #keptBytes = 0;
  /** First names that were not wanted, by the path under which their content was written instead. */
  readonly #standIns = new Map<string, Buffer>();
  #links: Readonly<{ place: TreePlace; first: Buffer }>[] = [];
  #finished: number[] = [];
  #needs: ChunkNeed[] = [];
  #entries = 0;
  #extents = 0;

  constructor(source: PlanSource) {
    this.#source = source;
    this.#order = new TreeOrder({
      folder: (number, place, entry) => {
        this.#ops.folder(number, place, entry);
      },
      finished: (number) => {
        this.#finished.push(number);
      },
    });
  }

  async *plans(): AsyncGenerator<RestorePlan> {
    for await (const entry of this.#source.listing.entries()) {
      await this.#add(entry);
      if (this.#entries >= maxEntries || this.#extents >= maxExtents) {
        yield await this.#takePlan();
      }
    }
    this.#order.end();
    yield await this.#takePlan();
  }

  async #add(entry: Entry): Promise<void> {
    this.#entries += 1;
    const wanted = this.#source.wants?.(entry) ?? true;
    if (entry.kind === 'folder') {
      this.#order.enter(entry, wanted);
    } else if (wanted) {
      await this.#addWanted(entry);
    }
  }

  async #addWanted(entry: Exclude<Entry, { kind: 'folder' }>): Promise<void> {
    const place = this.#order.placeOf(entry);
    switch (entry.kind) {
      case 'symlink':
        this.#ops.symlink(place, entry.target, entry);
        break;
      case 'hardlink':
        await this.#addHardLink(entry, place);
        break;
      case 'file':
        this.#addFile(entry, place);
    }
  }

  #addFile(entry: FileEntry, place: TreePlace): void {
    this.#extents += entry.extents.length;
    this.#files.add(entry, place);
  }

  /** The first name may be one that was not asked for: then this one gets the content, and further names link to it. */
  async #addHardLink(entry: HardLinkEntry, place: TreePlace): Promise<void> {
    const { listing, wants } = this.#source;
    const first = wants === undefined ? undefined : await listing.entry(entry.linkTo);
    if (first === undefined || wants?.(first) === true) {
      this.#links.push({ place, first: entry.linkTo });
      return;
    }
    const key = entry.linkTo.toString('latin1');
    const standIn = this.#standIns.get(key);
    if (standIn !== undefined) {
      this.#links.push({ place, first: standIn });
    } else if (first.kind === 'symlink') {
      this.#standIns.set(key, entry.path);
      this.#ops.symlink(place, first.target, first);
    } else if (first.kind === 'file') {
      this.#standIns.set(key, entry.path);
      this.#addFile(first, place);
    } else {
      throw damagedListing('a hard link leads to no file');
    }
  }

  async #takePlan(): Promise<RestorePlan> {
    for (const file of this.#files.inOrder()) {
      await this.#writeFile(file);
    }
    for (const { place, first } of this.#links) {
      this.#ops.hardLink(place, first);
    }
    for (const number of this.#finished) {
      this.#ops.finishFolder(number);
    }
    const plan = { ops: Buffer.from(this.#bytes.written), needs: this.#needs };
    this.#bytes.reset();
    this.#files.clear();
    this.#links = [];
    this.#finished = [];
    this.#needs = [];
    this.#entries = 0;
    this.#extents = 0;
    return plan;
  }

  async #writeFile({ begin, size, extents, paged }: PlannedFile): Promise<void> {
    this.#bytes.bytes(begin);
    const slices = placeSlices(
      paged === undefined ? extents : await contentOf(this.#source.listing, paged),
      size,
    );
    // Pages lie strewn over their chunks: written in the order of the chunks, each chunk is needed once.
    for (const { extent, at } of paged === undefined ? slices : slices.toSorted(byChunk)) {
      if (extent.chunk === holeChunk) {
        this.#ops.hole(at, extent.length);
      } else {
        this.#need(extent.chunk);
        this.#ops.data({ chunk: extent.chunk, from: extent.offset, length: extent.length, at });
      }
    }
    this.#ops.endFile();
  }

  /** Keeps the same account of the chunks in the thread as the thread itself does. */
  #need(chunk: number): void {
    const held = this.#kept.get(chunk);
    if (held !== undefined) {
      this.#kept.delete(chunk);
      this.#kept.set(chunk, held);
      return;
    }
    const { listing, reader } = this.#source;
    const bytes = reader.lengthOf(listing.chunkId(chunk)) ?? maxChunkBytes;
    this.#needs.push({ chunk, opsAt: this.#bytes.length });
    this.#kept.set(chunk, bytes);
    this.#keptBytes += bytes;
    for (const [oldest, oldestBytes] of this.#kept) {
      if (this.#keptBytes <= keptBytes || oldest === chunk) {
        break;
      }
      this.#kept.delete(oldest);
      this.#keptBytes -= oldestBytes;
      this.#ops.dropChunk(oldest);
    }
  }
}

type Slice = Readonly<{ extent: Extent; at: number }>;

async function contentOf(listing: Listing, file: FileEntry): Promise<readonly Extent[]> {
  try {
    return await listing.contentOf(file);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      const path = pathText(file.path);
      const advice = 'Restore it from another backup; everything else can be restored by its path.';
      throw new AppError('damaged', `The file "${path}" is damaged in this backup. ${advice}`, {
        cause: error,
        details: { ...error.details, files: [path] },
      });
    }
    throw error;
  }
}

function byChunk(left: Slice, right: Slice): number {
  return left.extent.chunk - right.extent.chunk;
}

function placeSlices(extents: readonly Extent[], size: number): readonly Slice[] {
  let at = 0;
  const slices = extents.map((extent) => {
    const slice = { extent, at };
    at += extent.length;
    return slice;
  });
  if (at !== size) {
    throw damagedListing('the extents of a file do not make its size');
  }
  return slices;
}
