import type { ByteWriter } from './byte-writer.ts';
import { ExtentEncoder } from './extent-codec.ts';
import { limits } from './limits.ts';
import { contentHashBytes, kinds } from './raw-entry.ts';
import type { RawEntry } from './raw-entry.ts';

/** Bits of the flags byte above the kind (bits 0 and 1). */
export const flagBits = { xattrs: 4, racy: 8, paged: 16, linked: 32, hashed: 64 } as const;

/** Writes entries one after the other; each path as what differs from the one before. `reset` begins a block. */
export class EntryEncoder {
  readonly #extents = new ExtentEncoder();
  readonly #previous = Buffer.alloc(limits.pathBytes);
  #previousLength = 0;

  reset(): void {
    this.#extents.reset();
    this.#previousLength = 0;
  }

  write(writer: ByteWriter, entry: RawEntry): void {
    this.#writePath(writer, entry);
    writer.byte(entry.kind | flagsOf(entry));
    writer.varint(entry.mode);
    writer.varint(entry.uid);
    writer.varint(entry.gid);
    writer.uint32(entry.mtimeLow);
    writer.uint32(entry.mtimeHigh);
    writer.uint32(entry.ctimeLow);
    writer.uint32(entry.ctimeHigh);
    writer.uint32(entry.inodeLow);
    writer.uint32(entry.inodeHigh);
    writer.bytes(entry.xattrs);
    if (entry.kind === kinds.file) {
      this.#writeContent(writer, entry);
    } else if (entry.kind !== kinds.folder) {
      this.#writeTarget(writer, entry);
    }
  }

  #writePath(writer: ByteWriter, entry: RawEntry): void {
    const { path, pathLength } = entry;
    const most = Math.min(pathLength, this.#previousLength);
    let shared = 0;
    while (shared < most && path[shared] === this.#previous[shared]) {
      shared += 1;
    }
    writer.varint(shared);
    writer.varint(pathLength - shared);
    writer.bytes(path, shared, pathLength);
    path.copy(this.#previous, shared, shared, pathLength);
    this.#previousLength = pathLength;
  }

  #writeTarget(writer: ByteWriter, entry: RawEntry): void {
    if (entry.kind === kinds.hardlink) {
      writer.varint(entry.size);
    }
    writer.varint(entry.target.length);
    writer.bytes(entry.target);
  }

  #writeContent(writer: ByteWriter, entry: RawEntry): void {
    writer.varint(entry.size);
    writer.uint32(entry.crc32);
    if (entry.hashed) {
      writer.bytes(entry.hash, 0, contentHashBytes);
    }
    this.#extents.write(writer, entry.extents);
    if (entry.paged) {
      writer.varint(entry.dataBytes);
      entry.runs.write(writer);
    }
  }
}

function flagsOf(entry: RawEntry): number {
  const xattrs = entry.xattrs.length > 0 ? flagBits.xattrs : 0;
  const linked = entry.linked ? flagBits.linked : 0;
  if (entry.kind !== kinds.file) {
    return xattrs | (entry.kind === kinds.symlink ? linked : 0);
  }
  return (
    xattrs |
    linked |
    (entry.racy ? flagBits.racy : 0) |
    (entry.paged ? flagBits.paged : 0) |
    (entry.hashed ? flagBits.hashed : 0)
  );
}
