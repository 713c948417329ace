import { FileStat } from '../../../platform/file-stat.ts';
import { limits } from '../../listing/limits.ts';
import { kinds } from '../../listing/raw-entry.ts';
import type { Kind } from '../../listing/raw-entry.ts';

const nothing = Buffer.alloc(0);

/** An entry of a tree stream, filled again for each. */
export class TreeRecord {
  /** Which of the entries it is, from 0. */
  number = -1;
  readonly path = Buffer.alloc(limits.pathBytes);
  pathLength = 0;
  /** A hard link is a file here. */
  kind: Kind = kinds.folder;
  readonly stat = new FileStat();
  /** What a symlink says; empty for others. Lasts until the next record, as `xattrs` do. */
  target: Buffer = nothing;
  xattrs: Buffer = nothing;
}

/** The kind of an entry; undefined for types of files that have no entries. */
export function kindOf(stat: FileStat): Kind | undefined {
  return stat.isFile ? kinds.file : stat.isFolder ? kinds.folder : stat.isSymlink ? kinds.symlink : undefined;
}
