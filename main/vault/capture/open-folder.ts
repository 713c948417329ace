import fs from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { hasCode } from '../../../shared/lib/app-error.ts';

const { O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;
const O_NOATIME = 0o1000000;
const folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
/** Not blocking: a FIFO may have taken the place of the file. */
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const ascii = /^[\0-\x7f]*$/u;

/** Access times stay as they are where that is allowed: for one's own files, and for root. */
let noAccessTime = process.platform === 'linux' ? O_NOATIME : 0;

export type Place = Buffer | string;

/** The path of an open folder, and of names in it: whatever is renamed or replaced above it, it is this folder. */
export function placeOf(fd: number): string {
  return `/proc/self/fd/${String(fd)}/`;
}

export function placeIn(folder: string, name: string): Place {
  return ascii.test(name) ? folder + name : Buffer.from(folder + name, 'latin1');
}

export function openFolderAt(place: Place): number {
  return open(place, folderFlags);
}

export function openFileAt(place: Place): number {
  return open(place, fileFlags);
}

export function lstatAt(place: Place): BigIntStats {
  return fs.lstatSync(place, { bigint: true });
}

export function fstat(fd: number): BigIntStats {
  return fs.fstatSync(fd, { bigint: true });
}

function open(place: Place, flags: number): number {
  try {
    return fs.openSync(place, flags | noAccessTime);
  } catch (error) {
    if (noAccessTime === 0 || !hasCode(error, 'EPERM')) {
      throw error;
    }
  }
  const fd = fs.openSync(place, flags);
  noAccessTime = 0;
  return fd;
}
