import fs from 'node:fs';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import type { TreeMeta, TreePlace } from './tree-ops.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
/** Linux: a descriptor that only names a place, without a right to read it. */
export const openPathOnly = 0o10000000;
const maxOpen = 128;
const slash = 0x2f;

type FolderState = Readonly<{ place: TreePlace; meta: TreeMeta; device: bigint; inode: bigint }>;

/**
 * The folders of a tree that are being worked in, by number. Whoever else works in the tree may swap any of them for a symlink at
 * any time: each is reached from its parent's descriptor, never followed, and known again by its inode.
 */
export class OpenFolders {
  readonly #rootFd: number;
  readonly #states = new Map<number, FolderState>();
  /** Descriptors, the one used last at the end. */
  readonly #open = new Map<number, number>();

  constructor(root: string) {
    this.#rootFd = fs.openSync(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }

  get rootFd(): number {
    return this.#rootFd;
  }

  /** Opens a folder that is there, and numbers it. */
  add(number: number, place: TreePlace, meta: TreeMeta): void {
    const fd = number === 0 ? this.#rootFd : openFolderAt(this.pathOf(place));
    const { dev, ino } = fs.fstatSync(fd, { bigint: true });
    // Names and values are views of a message: kept, they would keep all of it.
    const xattrs = meta.xattrs.map((xattr) => ({
      name: Buffer.from(xattr.name),
      value: Buffer.from(xattr.value),
    }));
    const kept = { parent: place.parent, name: Buffer.from(place.name) };
    this.#states.set(number, { place: kept, meta: { ...meta, xattrs }, device: dev, inode: ino });
    this.#keep(number, fd);
  }

  /** The path by which a name is reached; only for the next system call, since descriptors are closed as others are opened. */
  pathOf(place: TreePlace): Buffer {
    assertName(place.name);
    return Buffer.concat([Buffer.from(`/proc/self/fd/${String(this.fd(place.parent))}/`), place.name]);
  }

  /** The descriptor of a folder, opened again where it had to be closed. */
  fd(number: number): number {
    const open = this.#open.get(number);
    if (open !== undefined) {
      this.#open.delete(number);
      this.#open.set(number, open);
      return open;
    }
    const { place, device, inode } = this.#state(number);
    const fd = openFolderAt(this.pathOf(place));
    const stat = fs.fstatSync(fd, { bigint: true });
    if (stat.dev !== device || stat.ino !== inode) {
      fs.closeSync(fd);
      throw new AppError(
        'failed',
        `"${this.text(place)}" was replaced by another program while it was worked on. Try again.`,
      );
    }
    this.#keep(number, fd);
    return fd;
  }

  meta(number: number): TreeMeta {
    return this.#state(number).meta;
  }

  /** Closes a folder that is needed no more. */
  close(number: number): void {
    const fd = this.#open.get(number);
    this.#open.delete(number);
    this.#states.delete(number);
    if (fd !== undefined && fd !== this.#rootFd) {
      fs.closeSync(fd);
    }
  }

  /**
   * Calls `use` with a path of what lies at `path`, a relative path of whole names, reached from the root without following
   * anything.
   */
  at<Result>(path: Buffer, use: (reached: Buffer) => Result): Result {
    const names = splitPath(path);
    const last = names.pop() ?? Buffer.alloc(0);
    assertName(last);
    let fd = this.#rootFd;
    try {
      for (const name of names) {
        assertName(name);
        const next = openFolderAt(
          Buffer.concat([Buffer.from(`/proc/self/fd/${String(fd)}/`), name]),
          openPathOnly,
        );
        this.#closeUnlessRoot(fd);
        fd = next;
      }
      return use(Buffer.concat([Buffer.from(`/proc/self/fd/${String(fd)}/`), last]));
    } finally {
      this.#closeUnlessRoot(fd);
    }
  }

  /** Shown path of a place, relative to the root. */
  text(place: TreePlace): string {
    return pathText(this.bytes(place));
  }

  bytes(place: TreePlace): Buffer {
    const names = [place.name];
    for (let number = place.parent; number !== 0;) {
      const { place: above } = this.#state(number);
      names.unshift(above.name);
      number = above.parent;
    }
    return Buffer.concat(names.flatMap((name, index) => (index === 0 ? [name] : [Buffer.of(slash), name])));
  }

  folderText(number: number): string {
    return number === 0 ? '.' : this.text(this.#state(number).place);
  }

  #state(number: number): FolderState {
    const state = this.#states.get(number);
    if (state === undefined) {
      throw new Error(`Folder ${String(number)} is not open`);
    }
    return state;
  }

  #keep(number: number, fd: number): void {
    this.#open.set(number, fd);
    for (const [oldest, oldestFd] of this.#open) {
      if (this.#open.size <= maxOpen) {
        break;
      }
      if (oldestFd !== this.#rootFd) {
        this.#open.delete(oldest);
        fs.closeSync(oldestFd);
      }
    }
  }

  #closeUnlessRoot(fd: number): void {
    if (fd !== this.#rootFd) {
      fs.closeSync(fd);
    }
  }
}

function openFolderAt(path: Buffer, flags = O_RDONLY): number {
  try {
    return fs.openSync(path, flags | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'ENOTDIR')) {
      const name = pathText(path.subarray(path.lastIndexOf(slash) + 1));
      throw new AppError(
        'failed',
        `The folder "${name}" was replaced by another program, or is none. Try again.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** The last line of defence against names that lead elsewhere: listings were checked, and are checked here again. */
function assertName(name: Buffer): void {
  const bad =
    name.length === 0 || name.includes(slash) || name.includes(0) || name.equals(dot) || name.equals(dotDot);
  if (bad) {
    throw new AppError(
      'damaged',
      `The backup names a file "${pathText(name)}", which cannot be a name. Restore another backup.`,
    );
  }
}

const dot = Buffer.from('.');
const dotDot = Buffer.from('..');

function splitPath(path: Buffer): Buffer[] {
  const names: Buffer[] = [];
  let start = 0;
  for (let end = path.indexOf(slash); end !== -1; end = path.indexOf(slash, start)) {
    names.push(path.subarray(start, end));
    start = end + 1;
  }
  names.push(path.subarray(start));
  return names;
}
