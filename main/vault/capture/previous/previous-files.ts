import { AppError } from '../../../../shared/lib/app-error.ts';
import { holeChunk } from '../../listing/extent-list.ts';
import type { ExtentList } from '../../listing/extent-list.ts';
import { readPageMap } from '../../listing/page-map.ts';
import type { PageMap } from '../../listing/page-map.ts';
import { kinds } from '../../listing/raw-entry.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';
import type { PreviousFacts } from '../thread/capture-messages.ts';
import type { ChunkNumbers } from '../content/chunk-numbers.ts';
import { isSameFile } from '../walk/entry-stat.ts';
import { PreviousCursor } from './previous-cursor.ts';
import type { MissedTaker } from './previous-cursor.ts';
import { planRecut } from '../content/recut-plan.ts';
import type { ThreadLink } from '../thread/thread-link.ts';

export type PreviousParts = Readonly<{
  link: ThreadLink;
  facts: PreviousFacts;
  numbers: ChunkNumbers;
  mayRecut: boolean;
  /** Takes the entries that nobody asked for. */
  onMissed?: MissedTaker;
}>;

/** What the listing before knows of files, and whether their chunks still serve. */
export class PreviousFiles {
  readonly #link: ThreadLink;
  readonly #facts: PreviousFacts;
  readonly #numbers: ChunkNumbers;
  readonly #cursor: PreviousCursor;
  readonly #recutChunks: Uint8Array;
  #recutLeft: number;

  constructor(parts: PreviousParts) {
    const { link, facts, numbers, mayRecut } = parts;
    this.#link = link;
    this.#facts = facts;
    this.#numbers = numbers;
    this.#cursor = new PreviousCursor(link, facts, parts.onMissed);
    const plan = planRecut(facts);
    this.#recutChunks = plan.chunks;
    this.#recutLeft = mayRecut ? plan.bytes : 0;
  }

  get isDamaged(): boolean {
    return this.#cursor.isDamaged;
  }

  /** The file that was at this path; paths are asked for in the order of the listing. */
  find(path: Buffer, length: number): RawEntry | undefined {
    const entry = this.#cursor.find(path, length);
    return entry?.kind === kinds.file ? entry : undefined;
  }

  /** What was found last lies elsewhere now, if anywhere: it counts as not asked for. */
  miss(): void {
    this.#cursor.miss();
  }

  /** Passes all that nobody asked for any more. */
  passRest(): void {
    this.#cursor.passRest();
  }

  /** Whether `file` is `previous` still, by its stat, and was not too young then to be sure. */
  isUnchanged(file: RawEntry, previous: RawEntry): boolean {
    return !previous.racy && isSameFile(file, previous);
  }

  /**
   * Takes the content over into `file`, which loses what it had but its stat. False when a chunk of it is gone or damaged, or is so
   * little used that the file is to be stored anew, if `mayRecut`.
   */
  takeOver(file: RawEntry, previous: RawEntry, mayRecut = true): boolean {
    if (!this.canTakeOver(previous, mayRecut)) {
      return false;
    }
    file.clearContent();
    file.size = previous.size;
    file.crc32 = previous.crc32;
    file.paged = previous.paged;
    file.dataBytes = previous.dataBytes;
    file.hashed = previous.hashed;
    previous.hash.copy(file.hash);
    this.#addExtents(file.extents, previous.extents);
    this.#takeRuns(file, previous);
    this.#numbers.useExtents(file.extents);
    return true;
  }

  /** Whether `takeOver` would; what is to be stored anew is counted then. */
  canTakeOver(previous: RawEntry, mayRecut: boolean): boolean {
    return this.#isUsable(previous) && !(mayRecut && this.#isRecutDue(previous));
  }

  /** The page map of a file, in old numbers; undefined when it has none that can be read. */
  pageMapOf(previous: RawEntry): PageMap | undefined {
    if (!previous.paged) {
      return undefined;
    }
    const bytes = this.#link.readPrevious(previous.extents.toExtents());
    if (bytes === undefined) {
      return undefined;
    }
    try {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      return readPageMap(buffer, this.#facts.lengths, previous.size);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'damaged') {
        return undefined;
      }
      throw error;
    }
  }

  /** The new number of a chunk whose bytes may be used again; -1 when it is unusable, or little used and `bytes` may be recut. */
  reusableChunk(chunk: number, bytes: number): number {
    if (this.#facts.usable[chunk] !== 1 || (this.#isThinChunk(chunk) && this.#mayRecut(bytes))) {
      return -1;
    }
    return this.#newNumber(chunk);
  }

  #newNumber(chunk: number): number {
    const { renumbered } = this.#facts;
    return chunk === holeChunk || renumbered === undefined ? chunk : (renumbered[chunk] ?? holeChunk);
  }

  #addExtents(target: ExtentList, source: ExtentList): void {
    for (let index = 0; index < source.count; index += 1) {
      target.push(this.#newNumber(source.chunkAt(index)), source.offsetAt(index), source.lengthAt(index));
    }
  }

  /** The chunks that a page map refers to serve one file alone: it uses of them what it used before. */
  #takeRuns(file: RawEntry, previous: RawEntry): void {
    const { runs } = previous;
    for (let run = 0; run < runs.count; run += 1) {
      for (let chunk = runs.startAt(run); chunk < runs.endAt(run); chunk += 1) {
        const number = this.#newNumber(chunk);
        file.runs.add(number);
        this.#numbers.use(number, this.#facts.used[chunk] ?? 0);
      }
    }
  }

  /** A page map, which lies in chunks itself, names chunks by their old numbers: it is of no use when these change. */
  #isUsable(entry: RawEntry): boolean {
    if (entry.paged && this.#facts.renumbered !== undefined) {
      return false;
    }
    return !this.#someChunk(entry, (chunk) => this.#facts.usable[chunk] !== 1);
  }

  /** Of paged files only pages in thin chunks are stored anew, and counted then. */
  #isRecutDue(entry: RawEntry): boolean {
    let thinBytes = 0;
    const isThin = this.#someChunk(entry, (chunk) => {
      thinBytes += this.#isThinChunk(chunk) ? (this.#facts.used[chunk] ?? 0) : 0;
      return thinBytes > 0 && !entry.paged;
    });
    if (entry.paged) {
      return thinBytes > 0 && thinBytes <= this.#recutLeft;
    }
    return isThin && this.#mayRecut(entry.storedBytes());
  }

  #isThinChunk(chunk: number): boolean {
    return this.#recutChunks[chunk] === 1;
  }

  #mayRecut(bytes: number): boolean {
    if (bytes > this.#recutLeft) {
      return false;
    }
    this.#recutLeft -= bytes;
    return true;
  }

  #someChunk(entry: RawEntry, test: (chunk: number) => boolean): boolean {
    const { extents, runs } = entry;
    for (let index = 0; index < extents.count; index += 1) {
      const chunk = extents.chunkAt(index);
      if (chunk !== holeChunk && test(chunk)) {
        return true;
      }
    }
    for (let run = 0; run < runs.count; run += 1) {
      for (let chunk = runs.startAt(run); chunk < runs.endAt(run); chunk += 1) {
        if (test(chunk)) {
          return true;
        }
      }
    }
    return false;
  }
}
