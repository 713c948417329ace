import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { Entry } from '../../vault/listing/entry.ts';

/** Whether two entries hold the same: by size and CRC-32 for files, by where they lead for links. */
export function sameContent(left: Entry, right: Entry): boolean {
  switch (left.kind) {
    case 'folder':
      return right.kind === 'folder';
    case 'symlink':
      return right.kind === 'symlink' && left.target.equals(right.target);
    case 'hardlink':
      return right.kind === 'hardlink' && left.linkTo.equals(right.linkTo);
    case 'file':
      return right.kind === 'file' && left.crc32 === right.crc32 && left.stat.size === right.stat.size;
    default:
      return assertNever(left);
  }
}

/** Whether two entries of the same kind would be restored with the same owner, mode, time and attributes. */
export function sameMetadata(left: Entry, right: Entry): boolean {
  // The metadata of a hard link is that of its file, which is compared under its first name.
  if (left.kind === 'hardlink') {
    return true;
  }
  const [a, b] = [left.stat, right.stat];
  const isSameStat = a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.mtimeNs === b.mtimeNs;
  return isSameStat && sameXattrs(left, right);
}

function sameXattrs(left: Entry, right: Entry): boolean {
  if (left.xattrs.length !== right.xattrs.length) {
    return false;
  }
  return left.xattrs.every(({ name, value }) =>
    right.xattrs.some((other) => other.name.equals(name) && other.value.equals(value)),
  );
}
