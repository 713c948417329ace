import type { BigIntStats } from 'node:fs';
import type { RawEntry } from '../listing/raw-entry.ts';

const permissionBits = 0o7777n;
const most = 2n ** 63n - 1n;
const wide = new BigInt64Array(3);
const halves = new Uint32Array(wide.buffer);
const signedHalves = new Int32Array(wide.buffer);

/** Writes what `lstat` or `fstat` said into an entry. False when the modification time cannot be kept: it is then the nearest. */
export function fillStat(entry: RawEntry, stat: BigIntStats): boolean {
  const isKept = stat.mtimeNs <= most && stat.mtimeNs >= -most;
  wide[0] = isKept ? stat.mtimeNs : stat.mtimeNs < 0n ? -most : most;
  wide[1] = stat.ctimeNs;
  wide[2] = stat.ino;
  entry.mode = Number(stat.mode & permissionBits);
  entry.uid = Number(stat.uid);
  entry.gid = Number(stat.gid);
  entry.size = Number(stat.size);
  entry.mtimeLow = halves[0] ?? 0;
  entry.mtimeHigh = signedHalves[1] ?? 0;
  entry.ctimeLow = halves[2] ?? 0;
  entry.ctimeHigh = signedHalves[3] ?? 0;
  entry.inodeLow = halves[4] ?? 0;
  entry.inodeHigh = halves[5] ?? 0;
  return isKept;
}

/** Whether both say the same of size, times and inode. */
export function isSameFile(left: RawEntry, right: RawEntry): boolean {
  return (
    left.size === right.size &&
    left.mtimeLow === right.mtimeLow &&
    left.mtimeHigh === right.mtimeHigh &&
    left.ctimeLow === right.ctimeLow &&
    left.ctimeHigh === right.ctimeHigh &&
    left.inodeLow === right.inodeLow &&
    left.inodeHigh === right.inodeHigh
  );
}

/** Whether a file stayed as it was between two looks at its open descriptor. */
export function isUnchanged(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}

/** Whether both are one inode of one kind. */
export function isSameInode(left: BigIntStats, right: BigIntStats): boolean {
  return (
    left.ino === right.ino &&
    left.dev === right.dev &&
    (left.mode & ~permissionBits) === (right.mode & ~permissionBits)
  );
}
