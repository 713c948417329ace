import type { FileStat } from '../../../platform/file-stat.ts';
import type { RawEntry } from '../../listing/raw-entry.ts';

/** Writes what the system said into an entry. False when the modification time cannot be kept: it is then the nearest. */
export function fillStat(entry: RawEntry, stat: FileStat): boolean {
  entry.mode = stat.permissions;
  entry.uid = stat.uid;
  entry.gid = stat.gid;
  entry.size = stat.size;
  entry.mtimeLow = stat.mtimeLow;
  entry.mtimeHigh = stat.mtimeHigh;
  entry.ctimeLow = stat.ctimeLow;
  entry.ctimeHigh = stat.ctimeHigh;
  entry.inodeLow = stat.inodeLow;
  entry.inodeHigh = stat.inodeHigh;
  return stat.isTimeKept;
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
