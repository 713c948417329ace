import fs from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import { crc32OfFile } from './file-content.ts';
import { holesOf, liveXattrs, xattrsText } from './live-inode.ts';
import { OpenFolders } from './open-folders.ts';
import type { TreeDifference } from './tree-difference.ts';
import type { FileOp, TreeMeta, TreeOps, TreePlace } from './tree-ops.ts';
import type { CompareJob, TreeCounts } from './tree-thread.ts';

type What = TreeDifference['what'];
type Kind = 'a folder' | 'a file' | 'a symbolic link' | 'something else';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Compares a live tree with what a listing says. Runs in a thread; every call is synchronous. */
export class TreeComparer implements TreeOps {
  readonly #folders: OpenFolders;
  readonly #exact: boolean;
  readonly #job: CompareJob;
  /** Names that the listing has, by folder; none for folders that are not there. */
  readonly #names = new Map<number, Set<string>>();
  readonly #differences: TreeDifference[] = [];
  #files = 0;
  #bytes = 0;

  constructor(folder: string, exact: boolean, job: CompareJob) {
    this.#folders = new OpenFolders(folder);
    this.#exact = exact;
    this.#job = job;
  }

  get counts(): TreeCounts {
    return { files: this.#files, bytes: this.#bytes };
  }

  folder(number: number, place: TreePlace, meta: TreeMeta): void {
    if (number === 0) {
      this.#folders.add(number, place, meta);
      this.#names.set(number, new Set());
      return;
    }
    const stat = this.#find(place, 'a folder');
    if (stat === undefined) {
      return;
    }
    try {
      this.#folders.add(number, place, meta);
      this.#names.set(number, new Set());
    } catch (error) {
      this.#unreadable(place, error);
    }
  }

  beginFile(file: FileOp): void {
    const stat = this.#find(file, 'a file');
    if (stat === undefined) {
      return;
    }
    this.#files += 1;
    this.#meta(file, file.meta, stat);
    this.#countNames(file, stat);
    if (this.#check(file, 'size', file.size, stat.size) && !this.#isFull) {
      this.#content(file, stat);
    }
  }

  data(): void {}

  hole(): void {}

  endFile(): void {}

  dropChunk(): void {}

  addChunk(): void {}

  symlink(place: TreePlace, target: Buffer, meta: TreeMeta): void {
    const stat = this.#find(place, 'a symbolic link');
    if (stat === undefined) {
      return;
    }
    this.#files += 1;
    this.#countNames(place, stat);
    // Links have no mode of their own.
    this.#meta(place, { ...meta, mode: Number(stat.mode) & 0o7777 }, stat);
    const actual = fs.readlinkSync(this.#folders.pathOf(place), { encoding: 'buffer' });
    this.#check(place, 'target', pathText(target), pathText(actual));
  }

  hardLink(place: TreePlace, first: Buffer): void {
    const stat = this.#lstat(place);
    if (stat === undefined) {
      return;
    }
    this.#files += 1;
    const firstStat = this.#lstatAt(first);
    const isSame = firstStat !== undefined && firstStat.ino === stat.ino && firstStat.dev === stat.dev;
    this.#check(
      place,
      'link',
      `the same file as ${pathText(first)}`,
      isSame ? `the same file as ${pathText(first)}` : 'another file',
    );
  }

  finishFolder(number: number): void {
    const names = this.#names.get(number);
    if (names === undefined) {
      return;
    }
    const fd = this.#folders.fd(number);
    for (const name of fs.readdirSync(`/proc/self/fd/${String(fd)}`, { encoding: 'buffer' })) {
      if (!names.has(name.toString('latin1'))) {
        this.#differ({ parent: number, name }, 'extra', 'nothing', 'something');
      }
    }
    const text = this.#folders.folderText(number);
    this.#metaOf(text, this.#folders.meta(number), fs.fstatSync(fd, { bigint: true }), fd);
    this.#folders.close(number);
    this.#names.delete(number);
  }

  end(): readonly TreeDifference[] {
    return this.#differences;
  }

  /** What is there, when it is of that kind. Nothing is said of what lies in a folder that is not there. */
  #find(place: TreePlace, kind: Kind): BigIntStats | undefined {
    const stat = this.#lstat(place);
    return stat !== undefined && this.#check(place, 'kind', kind, kindOf(stat)) ? stat : undefined;
  }

  #lstat(place: TreePlace): BigIntStats | undefined {
    const names = this.#names.get(place.parent);
    if (names === undefined) {
      return undefined;
    }
    names.add(place.name.toString('latin1'));
    const stat = fs.lstatSync(this.#folders.pathOf(place), { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) {
      this.#differ(place, 'missing', 'something', 'nothing');
    }
    return stat;
  }

  #lstatAt(path: Buffer): BigIntStats | undefined {
    try {
      return this.#folders.at(path, (reached) =>
        fs.lstatSync(reached, { bigint: true, throwIfNoEntry: false }),
      );
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
        return undefined;
      }
      throw error;
    }
  }

  #countNames(place: TreePlace, stat: BigIntStats): void {
    if (this.#job.countsNames && stat.nlink > 1n) {
      this.#differ(place, 'names', '1', String(stat.nlink));
    }
  }

  #content(file: FileOp, stat: BigIntStats): void {
    const { unreadSinceNs } = this.#job;
    if (unreadSinceNs !== undefined) {
      if (stat.ctimeNs >= unreadSinceNs) {
        this.#differ(file, 'content', 'nothing new', 'something new');
      }
      return;
    }
    try {
      const fd = fs.openSync(this.#folders.pathOf(file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const crc = crc32OfFile(fd, file.size, holesOf(fd, file.size));
        this.#check(file, 'content', `CRC-32 ${hex(file.crc32)}`, `CRC-32 ${hex(crc)}`);
        this.#bytes += file.size;
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      this.#unreadable(file, error);
    }
  }

  #meta(place: TreePlace, meta: TreeMeta, stat: BigIntStats): void {
    this.#metaOf(this.#folders.text(place), meta, stat, this.#folders.pathOf(place));
  }

  #metaOf(path: string, meta: TreeMeta, stat: BigIntStats, target: Buffer | number): void {
    this.#equal(path, 'mtime', meta.mtimeNs, stat.mtimeNs);
    if (this.#exact) {
      this.#equal(path, 'mode', `0${meta.mode.toString(8)}`, `0${(stat.mode & 0o7777n).toString(8)}`);
      this.#equal(path, 'uid', meta.uid, stat.uid);
      this.#equal(path, 'gid', meta.gid, stat.gid);
      this.#equal(path, 'xattrs', xattrsText(meta.xattrs), xattrsText(liveXattrs(target)));
    }
  }

  #check(place: TreePlace, what: What, expected: string | number, actual: string | bigint): boolean {
    const isEqual = String(expected) === String(actual);
    if (!isEqual) {
      this.#differ(place, what, String(expected), String(actual));
    }
    return isEqual;
  }

  #equal(path: string, what: What, expected: string | number | bigint, actual: string | bigint): void {
    if (String(expected) !== String(actual)) {
      this.#push({ path, what, expected: String(expected), actual: String(actual) });
    }
  }

  #differ(place: TreePlace, what: What, expected: string, actual: string): void {
    this.#push({ path: this.#folders.text(place), what, expected, actual });
  }

  #unreadable(place: TreePlace, error: unknown): void {
    if (!(error instanceof Error)) {
      throw error;
    }
    this.#differ(place, 'unreadable', 'something to read', error.message);
  }

  #push(difference: TreeDifference): void {
    if (!this.#isFull) {
      this.#differences.push(difference);
    }
  }

  get #isFull(): boolean {
    return this.#differences.length >= this.#job.mostDifferences;
  }
}

function kindOf(stat: BigIntStats): Kind {
  if (stat.isDirectory()) {
    return 'a folder';
  }
  if (stat.isFile()) {
    return 'a file';
  }
  return stat.isSymbolicLink() ? 'a symbolic link' : 'something else';
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
