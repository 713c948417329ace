/**
 * A slice of a chunk, or a hole of a sparse file (`chunk` is -1). `chunk` is the number of a chunk in the chunk table of the
 * listing. `length` is in bytes; holes may be longer than a chunk.
 */
export type Extent = Readonly<{ chunk: number; offset: number; length: number }>;

export type Xattr = Readonly<{ name: Buffer; value: Buffer }>;

/** What `lstat` says, as recorded; times in ns since 1970 (negative before). Modes hold the permission bits (07777) only. */
export type EntryStat = Readonly<{
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
  inode: bigint;
}>;

type EntryBase = Readonly<{
  /** Raw bytes, components joined by `/`; the root of the tree is empty. No component is empty, `.` or `..`. */
  path: Buffer;
  stat: EntryStat;
  xattrs: readonly Xattr[];
}>;

export type FolderEntry = EntryBase & Readonly<{ kind: 'folder' }>;
export type SymlinkEntry = EntryBase & Readonly<{ kind: 'symlink'; target: Buffer }>;
/** A further name of an inode: `linkTo` is the path of its first name in the order of the listing. */
export type HardLinkEntry = EntryBase & Readonly<{ kind: 'hardlink'; linkTo: Buffer }>;
export type FileEntry = EntryBase &
  Readonly<{
    kind: 'file';
    /** CRC-32 of the whole content, holes as zeros. */
    crc32: number;
    /** Its times were too young when it was read: read again by the next backup, whatever they say. */
    racy: boolean;
    /** `inline`: the extents of the content. `paged`: extents of a page map, which lists the extents (page-map.ts). */
    content: 'inline' | 'paged';
    extents: readonly Extent[];
  }>;

export type Entry = FolderEntry | SymlinkEntry | HardLinkEntry | FileEntry;
