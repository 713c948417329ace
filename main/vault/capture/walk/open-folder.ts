import fs from 'node:fs';
import { hasCode } from '../../../../shared/lib/app-error.ts';

const { O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;
const O_NOATIME = 0o1000000;
const folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
/** Not blocking: a FIFO may have taken the place of the file. */
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const ascii = /^[\0-\x7f]*$/u;

/** Access times stay as they are where that is allowed: for one's own files, and for root. */
let noAccessTime = process.platform === 'linux' ? O_NOATIME : 0;

/** A name (latin1 text of its bytes) in an open folder. */
export type Place = Readonly<{ folder: number; name: string }>;

/** The path of an open folder: whatever is renamed or replaced above it, it is this folder. */
export function placeOf(fd: number): string {
  return `/proc/self/fd/${String(fd)}/`;
}

/** The path of a place, for calls that know no open folders. */
export function pathOf({ folder, name }: Place): Buffer | string {
  const path = placeOf(folder) + name;
  return ascii.test(name) ? path : Buffer.from(path, 'latin1');
}

export function openFolderAt(path: Buffer | string): number {
  return open(path, folderFlags);
}

export function openFileAt(place: Place): number {
  return open(pathOf(place), fileFlags);
}

function open(path: Buffer | string, flags: number): number {
  try {
    return fs.openSync(path, flags | noAccessTime);
  } catch (error) {
    if (noAccessTime === 0 || !hasCode(error, 'EPERM')) {
      throw error;
    }
  }
  const fd = fs.openSync(path, flags);
  noAccessTime = 0;
  return fd;
}
