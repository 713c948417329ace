import { pathText } from '../../platform/path-text.ts';
import type { Entry } from '../../vault/listing/entry.ts';
import { isoTimeOfNs } from '../iso-time.ts';

/** One entry as it is shown: paths and targets as shown text (path-text.ts), relative to the root of the source. */
export type ListedEntry = Readonly<{
  component: string;
  volume: string;
  path: string;
  kind: Entry['kind'];
  /** Bytes; 0 for folders. */
  size: number;
  /** Permission bits, octal: `0644`. */
  mode: string;
  uid: number;
  gid: number;
  /** ISO 8601 in UTC with nine decimals. */
  mtime: string;
  /** Of a symlink what it says, of a hard link the path of the file's first name. */
  target?: string;
}>;

export function listedEntry(
  source: Readonly<{ component: string; volume: string }>,
  entry: Entry,
): ListedEntry {
  const { mode, uid, gid, size, mtimeNs } = entry.stat;
  return {
    component: source.component,
    volume: source.volume,
    path: pathText(entry.path),
    kind: entry.kind,
    size: entry.kind === 'folder' ? 0 : size,
    mode: mode.toString(8).padStart(4, '0'),
    uid,
    gid,
    mtime: isoTimeOfNs(mtimeNs),
    ...targetOf(entry),
  };
}

function targetOf(entry: Entry): Readonly<{ target?: string }> {
  if (entry.kind === 'symlink') {
    return { target: pathText(entry.target) };
  }
  return entry.kind === 'hardlink' ? { target: pathText(entry.linkTo) } : {};
}
