import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';
import type { PathFinding } from './finding-list.ts';

const { EACCES, EIO, EPERM } = constants.errno;
const mostErrno = 4095;

/**
 * Warnings: content, or certainty about it, is lost. `changed-while-read`, `time-not-kept` and `xattrs-not-kept` are of what is in the
 * backup all the same; of every other one the path is not.
 */
export const warningOf = {
  changed: {
    code: 'changed-while-read',
    message: 'It changed each time it was read: this copy may mix old and new content.',
  },
  replaced: {
    code: 'replaced-while-read',
    message: 'It was replaced each time it was looked at, and is not in this backup.',
  },
  otherMount: {
    code: 'other-mount',
    message:
      'Another file system is mounted here: it is not in this backup. Add its path to the settings to back it up.',
  },
  pathTooLong: { code: 'path-too-long', message: 'Its path is too long: it is not in this backup.' },
  time: {
    code: 'time-not-kept',
    message: 'Its modification time lies outside of 1678 to 2261 and is not kept.',
  },
  xattrs: { code: 'xattrs-not-kept', message: 'Its extended attributes are too large and are not kept.' },
} as const satisfies Readonly<Record<string, PathFinding>>;

/** Notes: what was to be expected. */
export const noteOf = {
  vanished: { code: 'vanished', message: 'It was removed while the backup ran.' },
  fifo: { code: 'special-file', message: 'A FIFO holds no content and is left out.' },
  socket: { code: 'special-file', message: 'A socket holds no content and is left out.' },
  device: { code: 'special-file', message: 'A device holds no content and is left out.' },
  previousDamaged: {
    code: 'previous-listing-damaged',
    message: 'The listing of the backup before cannot be read: files from here on were read anew.',
  },
} as const satisfies Readonly<Record<string, PathFinding>>;

/** The warning for a file or folder that cannot be read. */
export function unreadable(error: unknown): PathFinding {
  return unreadableBy(errnoOf(error));
}

/** The same by the number of the system's error. */
export function unreadableBy(errno: number): PathFinding {
  const message = `It cannot be read (${reasonOf(errno)}) and is not in this backup.`;
  return { code: 'unreadable', message, errno };
}

export function xattrsUnreadable(error: unknown): PathFinding {
  return xattrsUnreadableBy(errnoOf(error));
}

export function xattrsUnreadableBy(errno: number): PathFinding {
  const message = `Its extended attributes cannot be read (${reasonOf(errno)}) and are not kept.`;
  return { code: warningOf.xattrs.code, message, errno };
}

/** The number of a system's error, positive; 0 for errors that have none. */
export function errnoOf(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? Math.abs(error.errno)
    : 0;
}

function reasonOf(errno: number): string {
  switch (errno) {
    case EPERM:
    case EACCES:
      return 'permission denied';
    case EIO:
      return 'the disk reports an error';
    default:
      return errno > 0 && errno <= mostErrno
        ? (getSystemErrorMessage(-errno) ?? `error ${String(errno)}`)
        : 'the reason is not known';
  }
}

/** The note for a system whose C library cannot be reached. */
export function notKept(problem: string): PathFinding {
  return {
    code: 'libc-missing',
    message: `Extended attributes and holes of sparse files are not kept: ${problem}.`,
  };
}
