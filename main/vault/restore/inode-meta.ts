import fs from 'node:fs';
import { hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { libcProblem, setTimes, setXattr } from '../../platform/libc.ts';
import type { Xattr } from '../listing/entry.ts';
import type { TreeLosses } from './tree-losses.ts';
import type { TreeMeta } from './tree-ops.ts';

const setIdBits = 0o6000;
const anyExecute = 0o111;
const userAttributes = Buffer.from('user.');
// What file systems answer to attributes that they, or the rights of who runs this, do not allow.
const refusals = ['ENOTSUP', 'EPERM', 'EACCES', 'ENOSPC', 'E2BIG', 'ERANGE', 'EINVAL'] as const;

/** Gives inodes their owner, attributes, mode and time, by descriptor. */
export class InodeMeta {
  readonly #exact: boolean;
  readonly #losses: TreeLosses;

  constructor(exact: boolean, losses: TreeLosses) {
    this.#exact = exact;
    this.#losses = losses;
  }

  file(fd: number, meta: TreeMeta, path: () => string): void {
    this.#apply(fd, meta, this.#exact ? meta.mode : (meta.mode & anyExecute) === 0 ? 0o600 : 0o700, path);
  }

  folder(fd: number, meta: TreeMeta, path: () => string): void {
    this.#apply(fd, meta, this.#exact ? meta.mode : 0o700, path);
  }

  /** `fd` was opened as a path only: the way to a symlink itself that no swap can lead elsewhere. */
  symlink(fd: number, meta: TreeMeta, path: () => string): void {
    if (this.#exact) {
      this.#owned(meta, () => fs.chownSync(`/proc/self/fd/${String(fd)}`, meta.uid, meta.gid));
    }
    this.#xattrs(fd, meta.xattrs, path);
    setTimes(fd, meta.mtimeNs, meta.mtimeNs);
  }

  /** Owner first, since changing it clears set-id bits and capabilities; attributes before a mode that forbids them. */
  #apply(fd: number, meta: TreeMeta, mode: number, path: () => string): void {
    const owned = !this.#exact || this.#owned(meta, () => fs.fchownSync(fd, meta.uid, meta.gid));
    this.#xattrs(fd, meta.xattrs, path);
    // A set-id program of another owner than it was made for would lend that owner's rights.
    fs.fchmodSync(fd, owned ? mode : mode & ~setIdBits);
    setTimes(fd, meta.mtimeNs, meta.mtimeNs);
  }

  #owned(meta: TreeMeta, change: () => void): boolean {
    try {
      change();
      return true;
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'EINVAL', 'ENOTSUP')) {
        throw error;
      }
      const wanted = `${String(meta.uid)}:${String(meta.gid)}`;
      this.#losses.once(
        'owner-not-kept',
        `Owners could not be set (the first was ${wanted}): files belong to who runs this. Restore as root to keep owners.`,
      );
      return false;
    }
  }

  #xattrs(fd: number, xattrs: readonly Xattr[], path: () => string): void {
    for (const { name, value } of xattrs) {
      // Labels, capabilities and access lists belong to the place that was backed up, not to plain files elsewhere.
      if (this.#exact || name.subarray(0, userAttributes.length).equals(userAttributes)) {
        this.#xattr(fd, { name, value }, path);
      }
    }
  }

  #xattr(fd: number, { name, value }: Xattr, path: () => string): void {
    if (libcProblem() !== undefined) {
      this.#losses.add('xattr-not-kept', `Its attribute ${name.toString()} could not be set here.`, path());
      return;
    }
    try {
      setXattr(fd, name, value);
    } catch (error) {
      if (!hasCode(error, ...refusals)) {
        throw error;
      }
      const message = `Its attribute ${name.toString()} was refused by this file system (${messageOf(error)}).`;
      this.#losses.add('xattr-not-kept', message, path());
    }
  }
}
