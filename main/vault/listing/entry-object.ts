import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { Entry, EntryStat } from './entry.ts';
import { kinds } from './raw-entry.ts';
import type { RawEntry } from './raw-entry.ts';
import { parseXattrs } from './xattr-codec.ts';

const wide = new BigInt64Array(1);
const halves = new Uint32Array(wide.buffer);

/** Both halves of a 64-bit value as one, signed. */
export function joinSigned(low: number, high: number): bigint {
  halves[0] = low;
  halves[1] = high;
  return wide[0] ?? 0n;
}

/** The entry as the rest of the program knows it: a copy that keeps nothing of `raw`. */
export function toEntry(raw: RawEntry): Entry {
  const base = { path: raw.copyPath(), stat: statOf(raw), xattrs: parseXattrs(raw.xattrs) };
  switch (raw.kind) {
    case kinds.folder:
      return { ...base, kind: 'folder' };
    case kinds.symlink:
      return { ...base, kind: 'symlink', target: Buffer.from(raw.target) };
    case kinds.hardlink:
      return { ...base, kind: 'hardlink', linkTo: Buffer.from(raw.target) };
    case kinds.file:
      return {
        ...base,
        kind: 'file',
        crc32: raw.crc32,
        racy: raw.racy,
        content: raw.paged ? 'paged' : 'inline',
        extents: raw.extents.toExtents(),
      };
    default:
      return assertNever(raw.kind);
  }
}

function statOf(raw: RawEntry): EntryStat {
  return {
    mode: raw.mode,
    uid: raw.uid,
    gid: raw.gid,
    size: raw.size,
    mtimeNs: joinSigned(raw.mtimeLow, raw.mtimeHigh),
    ctimeNs: joinSigned(raw.ctimeLow, raw.ctimeHigh),
    inode: BigInt.asUintN(64, joinSigned(raw.inodeLow, raw.inodeHigh)),
  };
}
