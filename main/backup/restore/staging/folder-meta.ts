import fs from 'node:fs';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import type { Place } from '../../../components/component-handler.ts';
import { getXattr, listXattrs, removeXattr, setTimes, setXattr } from '../../../platform/libc.ts';
import type { Xattr } from '../../../vault/listing/entry.ts';
import type { FolderMeta } from './safe-place.ts';
import { withFolder } from './safe-place.ts';

const permissions = 0o7777n;

function metaOf(stat: fs.BigIntStats): FolderMeta {
  return {
    mode: Number(stat.mode & permissions),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    atimeNs: stat.atimeNs,
    mtimeNs: stat.mtimeNs,
  };
}

/** Owner, mode, times and attributes of the folder at a place; undefined when it is not there. */
export function readMeta(place: Place): FolderMeta | undefined {
  return withFolder(place, (fd) => ({ ...metaOf(fs.fstatSync(fd, { bigint: true })), xattrs: xattrsOf(fd) }));
}

/**
 * Gives a folder its metadata, where it is there. Only what differs is set, so that nothing needs root for nothing. False when it has
 * another owner or mode all the same, since this user may not change them.
 */
export function writeMeta(place: Place, meta: FolderMeta): boolean {
  const isKept = withFolder(place, (fd) => {
    const now = metaOf(fs.fstatSync(fd, { bigint: true }));
    if (now.uid !== meta.uid || now.gid !== meta.gid) changeOwner(fd, meta);
    if (meta.xattrs !== undefined) changeXattrs(fd, meta.xattrs);
    // After the owner, whose change takes away set-id bits, and after access lists, which stand in the mode too.
    if (metaOf(fs.fstatSync(fd, { bigint: true })).mode !== meta.mode)
      unlessRefused(() => fs.fchmodSync(fd, meta.mode));
    unlessRefused(() => setTimes(fd, meta.atimeNs, meta.mtimeNs));
    const { mode, uid, gid } = metaOf(fs.fstatSync(fd, { bigint: true }));
    return mode === meta.mode && uid === meta.uid && gid === meta.gid;
  });
  return isKept !== false;
}

function xattrsOf(fd: number): readonly Xattr[] {
  return listXattrs(fd).flatMap((name) => {
    const value = getXattr(fd, name);
    return value === undefined ? [] : [{ name, value }];
  });
}

function changeXattrs(fd: number, wanted: readonly Xattr[]): void {
  const now = xattrsOf(fd);
  for (const { name } of now) {
    if (!wanted.some((xattr) => xattr.name.equals(name))) unlessRefused(() => removeXattr(fd, name));
  }
  for (const { name, value } of wanted) {
    const isSame = now.some((xattr) => xattr.name.equals(name) && xattr.value.equals(value));
    if (!isSame) unlessRefused(() => setXattr(fd, name, value));
  }
}

/**
 * Some attributes are the system's own, or root's, which the restore of the tree itself has said in a warning. And a live folder of
 * somebody else stays as it is: no reason to fail a swap, still less to be unable to undo one.
 */
function unlessRefused(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'EACCES', 'ENOTSUP', 'EINVAL', 'ENOSPC')) throw error;
  }
}

function changeOwner(fd: number, meta: FolderMeta): void {
  try {
    fs.fchownSync(fd, meta.uid, meta.gid);
  } catch (error) {
    // Only root may give files away; the restore of the tree itself has said so in a warning.
    if (!hasCode(error, 'EPERM')) throw error;
  }
}
