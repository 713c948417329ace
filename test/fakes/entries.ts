import type { Entry, EntryStat, Extent, FileEntry, Xattr } from '../../main/vault/listing/entry.ts';

const stat: EntryStat = {
  mode: 0o750,
  uid: 1000,
  gid: 100,
  size: 0,
  mtimeNs: 1_700_000_000_123_456_789n,
  ctimeNs: 1_700_000_001_000_000_001n,
  inode: 0xffff_ffff_0000_0001n,
};

/** Entries of listings for tests; paths as latin1 text, so that every byte can be written. */
export function folderEntry(path: string, more: Readonly<{ xattrs?: readonly Xattr[] }> = {}): Entry {
  return { kind: 'folder', path: Buffer.from(path, 'latin1'), stat, xattrs: more.xattrs ?? [] };
}

export function fileEntry(
  path: string,
  more: Readonly<{ extents?: readonly Extent[]; crc32?: number; racy?: boolean; mtimeNs?: bigint }> = {},
): FileEntry {
  const extents = more.extents ?? [];
  const size = extents.reduce((sum, extent) => sum + extent.length, 0);
  return {
    kind: 'file',
    path: Buffer.from(path, 'latin1'),
    stat: { ...stat, size, mtimeNs: more.mtimeNs ?? stat.mtimeNs },
    xattrs: [],
    crc32: more.crc32 ?? 0,
    racy: more.racy ?? false,
    content: 'inline',
    extents,
  };
}

export function symlinkEntry(path: string, target: string): Entry {
  return {
    kind: 'symlink',
    path: Buffer.from(path, 'latin1'),
    stat: { ...stat, mode: 0o777, size: target.length },
    xattrs: [],
    target: Buffer.from(target, 'latin1'),
  };
}

export function hardLinkEntry(path: string, linkTo: string, size = 0): Entry {
  return {
    kind: 'hardlink',
    path: Buffer.from(path, 'latin1'),
    stat: { ...stat, size },
    xattrs: [],
    linkTo: Buffer.from(linkTo, 'latin1'),
  };
}
