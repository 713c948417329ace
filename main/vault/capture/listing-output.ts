import { createHash } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import { chunkIdBytes } from '../chunks/chunk-store.ts';
import { BlockEncoder } from '../listing/block-encoder.ts';
import type { EncodedBlock } from '../listing/block-encoder.ts';
import { limits } from '../listing/limits.ts';
import { kinds } from '../listing/raw-entry.ts';
import type { RawEntry } from '../listing/raw-entry.ts';
import { encodeRoot } from '../listing/root-codec.ts';
import { BatchBuffer } from './thread/batch-buffer.ts';
import type { CaptureCounts } from './thread/capture-messages.ts';
import type { ChunkNumbers } from './content/chunk-numbers.ts';
import type { ThreadLink } from './thread/thread-link.ts';

type BlockMade = Readonly<{ bytes: number; entries: number; firstPath: Buffer }>;

/** Encodes the listing as the walk goes, and sends its blocks and in the end its root. */
export class ListingOutput {
  readonly #link: ThreadLink;
  readonly #counts: CaptureCounts;
  readonly #encoder = new BlockEncoder();
  readonly #batch: BatchBuffer;
  readonly #blocks: BlockMade[] = [];

  constructor(link: ThreadLink, counts: CaptureCounts) {
    this.#link = link;
    this.#counts = counts;
    this.#batch = new BatchBuffer(link, 'block');
  }

  add(entry: RawEntry): void {
    this.#counts.entries += 1;
    this.#counts.files += entry.kind === kinds.file || entry.kind === kinds.hardlink ? 1 : 0;
    this.#counts.bytes += entry.storedBytes();
    this.#put(this.#encoder.add(entry));
  }

  /** Sends the last block, asks for the ids of all chunks, and sends the root. Gives its checksum. */
  finish(numbers: ChunkNumbers): string {
    this.#put(this.#encoder.finish());
    this.#batch.finish();
    const table = numbers.finish();
    const ids = this.#link.exchangeIds(table.count, this.#blocks.length);
    if (this.#blocks.length > limits.blocks) throw tooLarge();
    const root = encodeRoot({
      table: { ...table, ids: withoutUnused(ids.table, table.lengths) },
      blocks: this.#blocks.map((block, index) => ({ ...block, id: idAt(ids.blocks, index) })),
      entries: this.#counts.entries,
      files: this.#counts.files,
      bytes: this.#counts.bytes,
    });
    if (root.length > limits.rootBytes) throw tooLarge();
    this.#sendRoot(root);
    return createHash('sha256').update(root).digest('hex');
  }

  #put(block: EncodedBlock | undefined): void {
    if (block !== undefined) {
      this.#append(block.bytes, this.#batch, this.#blocks.length);
      this.#blocks.push({ bytes: block.bytes.length, entries: block.entries, firstPath: block.firstPath });
    }
  }

  #sendRoot(root: Buffer): void {
    const batch = new BatchBuffer(this.#link, 'root');
    for (let at = 0; at < root.length; at += limits.rootPieceBytes) {
      this.#append(root.subarray(at, at + limits.rootPieceBytes), batch, at / limits.rootPieceBytes);
    }
    batch.finish();
  }

  #append(bytes: Buffer, batch: BatchBuffer, number: number): void {
    batch.reserve(bytes.length);
    batch.bytes.set(bytes, batch.filled);
    batch.fill(bytes.length);
    batch.mark(batch.filled, number);
  }
}

/** No reader would open it. */
function tooLarge(): AppError {
  return new AppError(
    'failed',
    'This source is too large for one listing. Split it, or leave out a part of it with the setting exclude.',
  );
}

function idAt(ids: Uint8Array, number: number): Uint8Array {
  return ids.subarray(number * chunkIdBytes, (number + 1) * chunkIdBytes);
}

/** Unused numbers have an id of zeros. */
function withoutUnused(ids: Uint8Array, lengths: Uint32Array): Uint8Array {
  const kept = ids.slice(0, lengths.length * chunkIdBytes);
  lengths.forEach((length, number) => {
    if (length === 0) {
      idAt(kept, number).fill(0);
    }
  });
  return kept;
}
