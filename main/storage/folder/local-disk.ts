import { statfs } from 'node:fs/promises';

/** Types of file systems that lie on a disk or in the memory of this machine (`statfs`); any other may be shared. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x01021994, // tmpfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x794c7630, // overlay
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x7366746e, // NTFS
  0x3153464a, // JFS
]);

/** Whether a folder lies on this machine alone, as far as its file system tells. */
export async function isOnLocalDisk(folder: string): Promise<boolean> {
  const { type } = await statfs(folder);
  return localTypes.has(type >>> 0);
}

export async function diskSpace(
  folder: string,
): Promise<Readonly<{ freeBytes: number; totalBytes: number }>> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
