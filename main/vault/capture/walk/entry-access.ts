import fs from 'node:fs';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import { FileStat } from '../../../platform/file-stat.ts';
import { OpenFile } from '../content/file-source.ts';
import type { FileSource } from '../content/file-source.ts';
import { openFileAt, pathOf } from './open-folder.ts';
import type { Place } from './open-folder.ts';
import { readXattrBytes } from './read-xattrs.ts';

/** Thrown when something took the place of what was looked at: look again. */
export class ReplacedError extends Error {
  override name = 'ReplacedError';
}

/** Reads what its stat does not say of the entry at hand. Throws the system's errors, or ReplacedError. */
export interface EntryAccess {
  /** What a symlink says. */
  readTarget(stat: FileStat): Buffer;
  /** All extended attributes, as encoded; undefined when they are too many. */
  readXattrs(): Buffer | undefined;
  /** Gives the content of a file to `read`, for as long as that takes. */
  withContent(stat: FileStat, read: (source: FileSource) => void): void;
  /** Whether its content was sent; undefined where that is not settled: an unchanged file is not opened then. */
  readonly isSent: boolean | undefined;
}

/** An entry of a folder of this host. */
export class HostEntry implements EntryAccess {
  readonly isSent = undefined;
  #at: Place | number = -1;

  /** At a place, or an open folder. */
  at(target: Place | number): this {
    this.#at = target;
    return this;
  }

  readTarget(stat: FileStat): Buffer {
    const target = readLink(this.#place);
    const again = new FileStat();
    again.lookAt(this.#place.folder, this.#place.name);
    if (!again.isInodeOf(stat)) {
      throw new ReplacedError();
    }
    return target;
  }

  readXattrs(): Buffer | undefined {
    return readXattrBytes(typeof this.#at === 'number' ? this.#at : pathOf(this.#at));
  }

  withContent(stat: FileStat, read: (source: FileSource) => void): void {
    const fd = openFile(this.#place);
    try {
      const opened = FileStat.of(fd);
      if (!opened.isInodeOf(stat)) {
        throw new ReplacedError();
      }
      read(new OpenFile(fd, opened));
    } finally {
      fs.closeSync(fd);
    }
  }

  get #place(): Place {
    if (typeof this.#at === 'number') {
      throw new Error('An open folder has no place.');
    }
    return this.#at;
  }
}

/** Throws ReplacedError where a symlink, a folder or a socket took the place of the file. */
export function openFile(place: Place): number {
  try {
    return openFileAt(place);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'ENXIO', 'ENODEV')) {
      throw new ReplacedError();
    }
    throw error;
  }
}

function readLink(place: Place): Buffer {
  try {
    return fs.readlinkSync(pathOf(place), { encoding: 'buffer' });
  } catch (error) {
    if (hasCode(error, 'EINVAL')) {
      throw new ReplacedError();
    }
    throw error;
  }
}
