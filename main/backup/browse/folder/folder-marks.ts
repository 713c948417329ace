import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { ChunkReader } from '../../../vault/chunks/chunk-store.ts';
import { BlockIndex } from '../../../vault/listing/block-index.ts';
import type { Entry } from '../../../vault/listing/entry.ts';
import { ListingBlocks } from '../../../vault/listing/listing-blocks.ts';
import type { Listing } from '../../../vault/listing/listing.ts';
import { comparePaths, isPrefix, parentLength } from '../../../vault/listing/path-order.ts';
import type { RawEntry } from '../../../vault/listing/raw-entry.ts';

/** Where the children of a folder stand: any of them is found from the mark before it. */
export type FolderMarks = Readonly<{
  /** Children of the folder. */
  total: number;
  /** Children from one mark to the next. */
  step: number;
  /** Path of the child at `step - 1`, `2 * step - 1` and so on. */
  paths: readonly Buffer[];
}>;

type Request = Readonly<{ listing: Listing; chunks: ChunkReader; folder: Buffer; signal: AbortSignal }>;

const firstStep = 512;
/** Of a folder that has more, every other mark goes. */
const mostMarks = 4096;
/** Entries that are looked at in one turn: some milliseconds. */
const entriesInTurn = 4096;

/** Goes once through what a folder directly holds; what lies wholly below one child is left out unread. */
export async function readFolderMarks(request: Request): Promise<FolderMarks> {
  const counter = new MarkCounter();
  const { folder, signal } = request;
  let inTurn = 0;
  for await (const raw of entriesAround(request)) {
    inTurn += 1;
    if (inTurn % entriesInTurn === 0) {
      await yieldToOthers();
      signal.throwIfAborted();
    }
    if (isChild(raw, folder)) counter.add(raw);
    else if (isPast(raw, folder)) break;
  }
  return counter.marks();
}

/** So many children of a folder from a position on. */
export async function childrenAt(
  listing: Listing,
  folder: Buffer,
  { step, paths }: FolderMarks,
  { offset, limit }: Readonly<{ offset: number; limit: number }>,
): Promise<readonly Entry[]> {
  const mark = Math.min(Math.floor(offset / step), paths.length);
  const found: Entry[] = [];
  let at = mark * step;
  for await (const entry of listing.children(folder, mark === 0 ? folder : paths[mark - 1])) {
    if (at >= offset) found.push(entry);
    if (found.length === limit) break;
    at += 1;
  }
  return found;
}

async function* entriesAround({ listing, chunks, folder }: Request): AsyncIterable<RawEntry> {
  const blocks = new ListingBlocks(chunks, listing.data);
  const index = new BlockIndex(listing.data.blocks);
  let from: number | undefined = index.blockOf(folder);
  while (from !== undefined) {
    let to: number = from + 1;
    let next = index.nextWithChildren(from, folder);
    // Blocks in a row are read ahead together.
    for (; next === to; next = index.nextWithChildren(next, folder)) to += 1;
    yield* blocks.walk(from, to);
    from = next;
  }
}

function isChild({ path, pathLength }: RawEntry, folder: Buffer): boolean {
  return (
    pathLength > folder.length &&
    parentLength(path, pathLength) === folder.length &&
    isPrefix(path, pathLength, folder, folder.length)
  );
}

function isPast({ path, pathLength }: RawEntry, folder: Buffer): boolean {
  return (
    !isPrefix(path, pathLength, folder, folder.length) &&
    comparePaths(path, pathLength, folder, folder.length) > 0
  );
}

class MarkCounter {
  #total = 0;
  #step = firstStep;
  #paths: Buffer[] = [];

  add(raw: RawEntry): void {
    this.#total += 1;
    if (this.#total % this.#step !== 0) return;
    this.#paths.push(raw.copyPath());
    if (this.#paths.length < mostMarks) return;
    this.#step *= 2;
    this.#paths = this.#paths.filter((_, index) => index % 2 === 1);
  }

  marks(): FolderMarks {
    return { total: this.#total, step: this.#step, paths: this.#paths };
  }
}
