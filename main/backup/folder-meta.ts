import fs from 'node:fs';
import { hasCode } from '../../shared/lib/app-error.ts';
import type { Place } from '../components/component-handler.ts';
import { setTimes } from '../platform/libc.ts';
import type { FolderMeta } from './safe-place.ts';
import { withFolder } from './safe-place.ts';

const permissions = 0o7777n;

export function metaOf(stat: fs.BigIntStats): FolderMeta {
  return {
    mode: Number(stat.mode & permissions),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    atimeNs: stat.atimeNs,
    mtimeNs: stat.mtimeNs,
  };
}

/** Owner, mode and times of the folder at a place; undefined when it is not there. */
export function readMeta(place: Place): FolderMeta | undefined {
  return withFolder(place, (fd) => metaOf(fs.fstatSync(fd, { bigint: true })));
}

/** Gives a folder its owner, mode and times, where it is there. Only what differs is set, so that nothing needs root for nothing. */
export function writeMeta(place: Place, meta: FolderMeta): void {
  withFolder(place, (fd) => {
    const now = metaOf(fs.fstatSync(fd, { bigint: true }));
    if (now.uid !== meta.uid || now.gid !== meta.gid) changeOwner(fd, meta);
    // After the owner, whose change takes away set-id bits.
    if (now.mode !== meta.mode || now.uid !== meta.uid || now.gid !== meta.gid) fs.fchmodSync(fd, meta.mode);
    setTimes(fd, meta.atimeNs, meta.mtimeNs);
  });
}

function changeOwner(fd: number, meta: FolderMeta): void {
  try {
    fs.fchownSync(fd, meta.uid, meta.gid);
  } catch (error) {
    // Only root may give files away; the restore of the tree itself has said so in a warning.
    if (!hasCode(error, 'EPERM')) throw error;
  }
}
