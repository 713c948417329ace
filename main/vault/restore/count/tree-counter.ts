import fs from 'node:fs';
import type { BigIntStats, Dirent } from 'node:fs';
import { hasCode } from '../../../../shared/lib/app-error.ts';
import { pathText } from '../../../platform/path-text.ts';
import { crc32OfFile } from '../file-content.ts';
import { holesOf, liveXattrs, xattrsText } from '../live-inode.ts';
import { OpenFolders } from '../open-folders.ts';
import type { TreeDifference } from '../tree-difference.ts';
import type { FileOp, TreeMeta, TreeOps, TreePlace } from '../tree-ops.ts';
import type { TreeCounts } from '../tree-thread.ts';
import { stayTest, type StayTest } from './stays.ts';
import { TallyBuilder, type TreeTally } from './tree-tally.ts';

/** Paths are latin1 text of their bytes, relative to the root. */
export type CountJob = Readonly<{
  exclude: readonly string[];
  /** Undefined: not all are known. */
  unread: readonly string[] | undefined;
  /** Outside of these paths nothing gives way; undefined: all of the tree is restored. */
  paths: readonly string[] | undefined;
  /** ns since 1970. What has changed in no way since is taken by its size and time; else it is read. */
  readSinceNs: bigint;
  /** Names at the root that begin so are ours. */
  oursPrefix: string;
  /** Paths kept of each kind of change. */
  mostPaths: number;
}>;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = fs.constants;
const slash = Buffer.from('/');

/** Counts what a restore of a listing would change in a live tree, which is only read. Runs in a thread; calls are synchronous. */
export class TreeCounter implements TreeOps {
  readonly #folders: OpenFolders;
  readonly #job: CountJob;
  readonly #stays: StayTest;
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #tally: TallyBuilder;
  /** Names that the listing has, by folder; none for folders that are not there. */
  readonly #names = new Map<number, Set<string>>();
  /** Of all folders that are being gone through, there or not. */
  readonly #paths = new Map<number, Buffer>();
  /** Whether the first name of a file of several is as in the backup. */
  readonly #links = new Map<string, boolean>();
  #files = 0;
  #bytes = 0;

  constructor(folder: string, job: CountJob) {
    this.#folders = new OpenFolders(folder);
    this.#job = job;
    const unread = job.unread === undefined ? undefined : new Set(job.unread);
    this.#stays = stayTest({ exclude: job.exclude, unread });
    this.#wanted = job.paths === undefined ? undefined : new Set(job.paths);
    this.#tally = new TallyBuilder(job.mostPaths);
  }

  get counts(): TreeCounts {
    return { files: this.#files, bytes: this.#bytes };
  }

  get tally(): TreeTally {
    return this.#tally.tally();
  }

  folder(number: number, place: TreePlace, meta: TreeMeta): void {
    this.#paths.set(number, number === 0 ? Buffer.alloc(0) : this.#pathOf(place));
    if (number !== 0) {
      const stat = this.#lstat(place);
      if (stat === undefined || !stat.isDirectory()) {
        this.#tally.folders += 1;
        if (stat !== undefined) this.#remove(this.#pathOf(place), stat);
        return;
      }
    }
    this.#folders.add(number, place, meta);
    this.#names.set(number, new Set());
  }

  beginFile(file: FileOp): void {
    this.#files += 1;
    const stat = this.#lstat(file);
    const isSame = stat?.isFile() === true && this.#isSame(file, stat);
    if (stat !== undefined && stat.nlink > 1n) this.#links.set(identityOf(stat), isSame);
    this.#tell(file, file.size, { stat, isSame });
  }

  data(): void {}

  hole(): void {}

  endFile(): void {}

  dropChunk(): void {}

  addChunk(): void {}

  symlink(place: TreePlace, target: Buffer, meta: TreeMeta): void {
    this.#files += 1;
    const stat = this.#lstat(place);
    const isSame =
      stat?.isSymbolicLink() === true &&
      stat.mtimeNs === meta.mtimeNs &&
      this.#isOwned(meta, stat) &&
      fs.readlinkSync(this.#folders.pathOf(place), { encoding: 'buffer' }).equals(target);
    this.#tell(place, target.length, { stat, isSame });
  }

  /** Its content is that of the first name, where it is counted. */
  hardLink(place: TreePlace, first: Buffer): void {
    this.#files += 1;
    const stat = this.#lstat(place);
    const firstStat = stat === undefined ? undefined : this.#lstatAt(first);
    const isSame =
      stat !== undefined &&
      firstStat !== undefined &&
      identityOf(stat) === identityOf(firstStat) &&
      this.#links.get(identityOf(stat)) !== false;
    this.#tell(place, 0, { stat, isSame });
  }

  finishFolder(number: number): void {
    const names = this.#names.get(number);
    const path = this.#paths.get(number);
    this.#paths.delete(number);
    if (names === undefined || path === undefined) return;
    const staysWhole = number === 0 ? undefined : this.#stays(path, aFolder);
    if (this.#isWanted(path)) {
      for (const entry of entriesIn(this.#folders.fd(number))) {
        if (names.has(entry.name.toString('latin1'))) continue;
        if (number === 0 && entry.name.toString('latin1').startsWith(this.#job.oursPrefix)) continue;
        const place = { parent: number, name: entry.name };
        const reason = staysWhole ?? this.#stays(joined(path, entry.name), entry);
        if (reason === undefined) this.#removeAt(joined(path, entry.name), this.#folders.pathOf(place));
        else this.#tally.kept[reason] += 1;
      }
    }
    this.#folders.close(number);
    this.#names.delete(number);
  }

  end(): readonly TreeDifference[] {
    return [];
  }

  #tell(
    place: TreePlace,
    bytes: number,
    live: Readonly<{ stat: BigIntStats | undefined; isSame: boolean }>,
  ): void {
    const path = (): string => pathText(this.#pathOf(place));
    if (live.isSame) {
      this.#tally.count('unchanged', bytes, path);
      return;
    }
    if (live.stat?.isDirectory() === true)
      this.#removeBelow(this.#pathOf(place), this.#folders.pathOf(place));
    else this.#tally.liveBytes += Number(live.stat?.size ?? 0n);
    this.#tally.count(live.stat === undefined ? 'added' : 'changed', bytes, path);
  }

  /** As a restore compares, but that a file which nobody has touched since the backup is not opened. */
  #isSame(file: FileOp, stat: BigIntStats): boolean {
    if (BigInt(file.size) !== stat.size || file.meta.mtimeNs !== stat.mtimeNs) return false;
    if (!this.#isOwned(file.meta, stat) || (stat.mode & 0o7777n) !== BigInt(file.meta.mode)) return false;
    if (stat.ctimeNs < this.#job.readSinceNs) return true;
    try {
      const target = this.#folders.pathOf(file);
      if (xattrsText(file.meta.xattrs) !== xattrsText(liveXattrs(target))) return false;
      const fd = fs.openSync(target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        this.#bytes += file.size;
        return crc32OfFile(fd, file.size, holesOf(fd, file.size)) === file.crc32;
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      // Not there any more, or not for us to read: the restore writes it anew.
      if (hasCode(error, 'ENOENT', 'ELOOP', 'EACCES', 'EPERM')) return false;
      throw error;
    }
  }

  /** A copy: names are views of a message. */
  #pathOf({ parent, name }: TreePlace): Buffer {
    return Buffer.from(joined(this.#paths.get(parent) ?? Buffer.alloc(0), name));
  }

  #isOwned(meta: TreeMeta, stat: BigIntStats): boolean {
    return BigInt(meta.uid) === stat.uid && BigInt(meta.gid) === stat.gid;
  }

  #lstat(place: TreePlace): BigIntStats | undefined {
    const names = this.#names.get(place.parent);
    if (names === undefined) return undefined;
    names.add(place.name.toString('latin1'));
    return fs.lstatSync(this.#folders.pathOf(place), { bigint: true, throwIfNoEntry: false });
  }

  #lstatAt(path: Buffer): BigIntStats | undefined {
    try {
      return this.#folders.at(path, (reached) =>
        fs.lstatSync(reached, { bigint: true, throwIfNoEntry: false }),
      );
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
      throw error;
    }
  }

  #isWanted(path: Buffer): boolean {
    const wanted = this.#wanted;
    if (wanted === undefined) return true;
    const text = path.toString('latin1');
    for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) {
      if (wanted.has(text.slice(0, end))) return true;
    }
    return wanted.has('');
  }

  #removeAt(path: Buffer, reached: Buffer): void {
    const stat = fs.lstatSync(reached, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      this.#remove(path, stat);
      return;
    }
    this.#tally.folders += 1;
    this.#removeBelow(path, reached);
  }

  #remove(path: Buffer, stat: BigIntStats): void {
    const bytes = stat.isFile() || stat.isSymbolicLink() ? Number(stat.size) : 0;
    this.#tally.liveBytes += bytes;
    this.#tally.count('removed', bytes, () => pathText(path));
  }

  /** Everything in a live folder that the backup does not have, but what stays. */
  #removeBelow(path: Buffer, reached: Buffer): void {
    const fd = openOrUndefined(reached);
    if (fd === undefined) return;
    try {
      for (const entry of entriesIn(fd)) {
        const below = joined(path, entry.name);
        const reason = this.#stays(below, entry);
        if (reason === undefined)
          this.#removeAt(below, Buffer.concat([Buffer.from(`/proc/self/fd/${String(fd)}/`), entry.name]));
        else this.#tally.kept[reason] += 1;
      }
    } finally {
      fs.closeSync(fd);
    }
  }
}

const aFolder = { isDirectory: () => true, isFile: () => false, isSymbolicLink: () => false };

function entriesIn(fd: number): readonly Dirent<Buffer>[] {
  return fs.readdirSync(`/proc/self/fd/${String(fd)}`, { encoding: 'buffer', withFileTypes: true });
}

/** A live tree goes on living: what has gone, or is no folder by now, holds nothing. */
function openOrUndefined(reached: Buffer): number | undefined {
  try {
    return fs.openSync(reached, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined;
    throw error;
  }
}

function joined(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, slash, name]);
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${String(dev)}:${String(ino)}`;
}
