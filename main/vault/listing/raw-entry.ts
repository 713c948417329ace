import { ChunkRuns } from './chunk-runs.ts';
import { ExtentList } from './extent-list.ts';
import { limits } from './limits.ts';

/** Kinds of entries by their number in the encoding. */
export const kinds = { folder: 0, symlink: 1, hardlink: 2, file: 3 } as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

export const contentHashBytes = 16;
const nothing = Buffer.alloc(0);

/**
 * One entry in place, filled again for each: encoder, decoder and the walk share this shape, so that no object is made for each
 * of a million files. 64-bit values are halves: comparing and copying them needs no BigInt.
 */
export class RawEntry {
  readonly path = Buffer.alloc(limits.pathBytes);
  pathLength = 0;
  kind: Kind = kinds.folder;
  mode = 0;
  uid = 0;
  gid = 0;
  size = 0;
  mtimeLow = 0;
  mtimeHigh = 0;
  ctimeLow = 0;
  ctimeHigh = 0;
  inodeLow = 0;
  inodeHigh = 0;
  /** Attributes as encoded (xattr-codec.ts), empty when there are none. */
  xattrs: Buffer = nothing;
  /** Of a symlink what it says, of a hard link the path of the first name. */
  target: Buffer = nothing;
  racy = false;
  paged = false;
  /** The inode has more than one link: later entries may name this path. */
  linked = false;
  crc32 = 0;
  /** Keyed hash of the content of a small file, so that one whose times alone changed is not stored again. */
  hashed = false;
  readonly hash = Buffer.alloc(contentHashBytes);
  readonly extents = new ExtentList();
  /** For paged files: the chunks that the page map refers to, and bytes of content that lie in chunks. */
  readonly runs = new ChunkRuns();
  dataBytes = 0;

  /** Empties what belongs to one kind only. */
  clearContent(): void {
    this.xattrs = nothing;
    this.target = nothing;
    this.racy = false;
    this.paged = false;
    this.linked = false;
    this.crc32 = 0;
    this.hashed = false;
    this.extents.clear();
    this.runs.clear();
    this.dataBytes = 0;
  }

  /** A copy of the path. */
  copyPath(): Buffer {
    return Buffer.from(this.path.subarray(0, this.pathLength));
  }

  /** Bytes of content that lie in chunks. */
  storedBytes(): number {
    return this.paged ? this.dataBytes : this.extents.dataLength();
  }
}
