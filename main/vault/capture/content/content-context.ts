import type { CaptureCounts } from '../thread/capture-messages.ts';
import type { ChunkNumbers } from './chunk-numbers.ts';
import { ChunkStream } from './chunk-stream.ts';
import { Cutter, makeGearTable, meanChunk } from './cutter.ts';
import { KeyedHash } from './keyed-hash.ts';
import type { PreviousFiles } from '../previous/previous-files.ts';
import type { ThreadLink } from '../thread/thread-link.ts';

/** What those who read content share. */
export type ContentContext = Readonly<{
  link: ThreadLink;
  numbers: ChunkNumbers;
  counts: CaptureCounts;
  hash: KeyedHash;
  previous: PreviousFiles | undefined;
  /** Small files and page maps, in the order of the listing; large files, each cut on its own; new pages of one file. */
  small: ChunkStream;
  large: ChunkStream;
  pages: ChunkStream;
  /** Paths of files stored by page whose content has changed. */
  changedDatabases: Uint8Array[];
}>;

export type ContextParts = Pick<ContentContext, 'link' | 'numbers' | 'counts' | 'previous'>;

export function makeContentContext(
  parts: ContextParts,
  keys: Readonly<{ cutKey: Uint8Array; pageKey: Uint8Array }>,
): ContentContext {
  const gear = makeGearTable(keys.cutKey);
  const { link, numbers } = parts;
  return {
    ...parts,
    hash: new KeyedHash(keys.pageKey),
    small: new ChunkStream(link, numbers, new Cutter(gear)),
    large: new ChunkStream(link, numbers, new Cutter(gear)),
    pages: new ChunkStream(link, numbers, new EvenCutter()),
    changedDatabases: [],
  };
}

/** Chunks of 1 MiB, which every page size divides: a page never lies in two. */
class EvenCutter {
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  scan(_bytes: Uint8Array, from: number, to: number): number {
    if (this.#length + to - from < meanChunk) {
      this.#length += to - from;
      return -1;
    }
    const border = from + meanChunk - this.#length;
    this.#length = 0;
    return border;
  }
}
