import fs from 'node:fs';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import type { ErrorDetails } from '../../../shared/lib/app-error.ts';
import { pathText } from '../../platform/path-text.ts';
import { syncFileSystem } from '../../platform/libc.ts';
import { FileContent } from './file-content.ts';
import { InodeMeta } from './inode-meta.ts';
import { OpenFolders, openPathOnly } from './open-folders.ts';
import { SentMemory } from './sent-memory.ts';
import type { TreeLosses } from './tree-losses.ts';
import type { DataOp, FileOp, TreeMeta, TreeOps, TreePlace } from './tree-ops.ts';
import type { SentChunk, TreeCounts } from './tree-thread.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY } = fs.constants;

const permissionBits = 0o7777;

type OpenFile = Readonly<{ op: FileOp; fd: number; content: FileContent }>;

/** Writes one tree into an empty folder. Runs in a thread; every call is synchronous. */
export class TreeWriter implements TreeOps {
  readonly #folders: OpenFolders;
  readonly #meta: InodeMeta;
  readonly #losses: TreeLosses;
  readonly #chunks = new SentMemory();
  /** Paths of symlinks that could not be made. */
  readonly #leftOut = new Set<string>();
  #file: OpenFile | undefined;
  #files = 0;
  #bytes = 0;

  constructor(target: string, exact: boolean, losses: TreeLosses) {
    this.#folders = new OpenFolders(target);
    this.#meta = new InodeMeta(exact, losses);
    this.#losses = losses;
    const [found] = fs.readdirSync(`/proc/self/fd/${String(this.#folders.rootFd)}`, { encoding: 'buffer' });
    if (found !== undefined) {
      throw new AppError(
        'refused',
        `The folder ${target} is not empty. Choose an empty one, so that nothing gets mixed.`,
      );
    }
  }

  /** Names made that are no folders, and bytes written. */
  get counts(): TreeCounts {
    return { files: this.#files, bytes: this.#bytes };
  }

  addChunk(chunk: SentChunk): void {
    this.#chunks.add(chunk);
  }

  folder(number: number, place: TreePlace, meta: TreeMeta): void {
    this.#doing(place, () => {
      if (number !== 0) {
        fs.mkdirSync(this.#folders.pathOf(place), 0o700);
      }
      this.#folders.add(number, place, meta);
    });
  }

  beginFile(op: FileOp): void {
    this.#doing(op, () => {
      const fd = fs.openSync(this.#folders.pathOf(op), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      this.#file = { op, fd, content: new FileContent(fd, op.size) };
    });
  }

  data({ chunk, from, length, at }: DataOp): void {
    const { op, content } = this.#openFile();
    const bytes = this.#chunks.get(chunk);
    if (from + length > bytes.length) {
      throw this.#damaged(op, 'it refers to bytes that are not there');
    }
    this.#doing(op, () => {
      content.write(bytes.subarray(from, from + length), at);
    });
    this.#bytes += length;
  }

  hole(at: number, length: number): void {
    this.#openFile().content.hole(at, length);
  }

  endFile(): void {
    const { op, fd, content } = this.#openFile();
    this.#file = undefined;
    this.#doing(op, () => {
      if (content.finish() !== op.crc32) {
        fs.unlinkSync(this.#folders.pathOf(op));
        throw this.#damaged(op, 'its content is not what was backed up', { isWrongContent: true });
      }
      this.#meta.file(fd, op.meta, () => this.#folders.text(op));
      fs.closeSync(fd);
    });
    this.#files += 1;
  }

  symlink(place: TreePlace, target: Buffer, meta: TreeMeta): void {
    this.#doing(place, () => {
      if (!this.#makeSymlink(place, target)) {
        this.#leftOut.add(this.#folders.bytes(place).toString('latin1'));
        return;
      }
      const fd = fs.openSync(this.#folders.pathOf(place), openPathOnly | O_NOFOLLOW);
      try {
        // What was put in its place meanwhile must not get an owner from us.
        if (fs.fstatSync(fd).isSymbolicLink()) {
          this.#meta.symlink(fd, meta, () => this.#folders.text(place));
        }
      } finally {
        fs.closeSync(fd);
      }
    });
    this.#files += 1;
  }

  hardLink(place: TreePlace, first: Buffer): void {
    if (this.#leftOut.has(first.toString('latin1'))) {
      this.#losses.add(
        'symlink-not-kept',
        'A further name of a link that was left out.',
        this.#folders.text(place),
      );
      return;
    }
    this.#doing(place, () => {
      try {
        this.#folders.at(first, (from) => {
          this.#link(from, place);
        });
      } catch (error) {
        throw hasCode(error, 'ENOENT')
          ? this.#damaged(place, 'it is a further name of a file that is not there')
          : error;
      }
    });
    this.#files += 1;
  }

  finishFolder(number: number): void {
    const text = (): string => this.#folders.folderText(number);
    try {
      this.#meta.folder(this.#folders.fd(number), this.#folders.meta(number), text);
    } catch (error) {
      throw writeError(error, text());
    }
    this.#folders.close(number);
  }

  dropChunk(chunk: number): void {
    this.#chunks.drop(chunk);
  }

  /** All that was written is on the disk when it returns. */
  end(): readonly [] {
    syncFileSystem(this.#folders.rootFd);
    return [];
  }

  #openFile(): OpenFile {
    if (this.#file === undefined) {
      throw new Error('No file was begun');
    }
    return this.#file;
  }

  /** False, with a warning, where the file system has no symlinks. */
  #makeSymlink(place: TreePlace, target: Buffer): boolean {
    try {
      fs.symlinkSync(target, this.#folders.pathOf(place));
      return true;
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS')) {
        throw error;
      }
      const message = `The link to "${pathText(target)}" was left out: this file system has no symbolic links.`;
      this.#losses.add('symlink-not-kept', message, this.#folders.text(place));
      return false;
    }
  }

  #link(from: Buffer, place: TreePlace): void {
    try {
      fs.linkSync(from, this.#folders.pathOf(place));
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK')) {
        throw error;
      }
      this.#copy(from, place);
      this.#losses.add(
        'hard-link-copied',
        'Written as a copy: no hard link could be made here.',
        this.#folders.text(place),
      );
    }
  }

  /** Content and metadata of a file that we wrote, under one more name, where hard links cannot be made. */
  #copy(from: Buffer, place: TreePlace): void {
    if (fs.lstatSync(from).isSymbolicLink()) {
      fs.symlinkSync(fs.readlinkSync(from, { encoding: 'buffer' }), this.#folders.pathOf(place));
      return;
    }
    const source = fs.openSync(from, O_RDONLY | O_NOFOLLOW);
    const copy = fs.openSync(this.#folders.pathOf(place), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const buffer = Buffer.allocUnsafe(65_536);
    for (let read = fs.readSync(source, buffer); read > 0; read = fs.readSync(source, buffer)) {
      fs.writeSync(copy, buffer, 0, read);
    }
    const { mode, uid, gid, mtimeNs } = fs.fstatSync(source, { bigint: true });
    const meta = {
      mode: Number(mode) & permissionBits,
      uid: Number(uid),
      gid: Number(gid),
      mtimeNs,
      xattrs: [],
    };
    this.#meta.file(copy, meta, () => this.#folders.text(place));
    fs.closeSync(copy);
    fs.closeSync(source);
  }

  #damaged(place: TreePlace, what: string, more: ErrorDetails = {}): AppError {
    const path = this.#folders.text(place);
    return new AppError(
      'damaged',
      `The file "${path}" is damaged in this backup (${what}). Restore it from another backup.`,
      {
        details: { files: [path], ...more },
      },
    );
  }

  #doing(place: TreePlace, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw writeError(error, this.#folders.text(place));
    }
  }
}

function writeError(error: unknown, path: string): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) {
    return error;
  }
  const advice = hasCode(error, 'ENOSPC', 'EDQUOT')
    ? 'Free space on that disk, then try again.'
    : 'Check that folder, then try again.';
  return new AppError('failed', `"${path}" could not be written (${messageOf(error)}). ${advice}`, {
    cause: error,
    details: { code: error.code, path },
  });
}
