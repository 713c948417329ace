import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { FileContent } from '../../vault/restore/file-content.ts';
import { TreeLosses } from '../../vault/restore/tree-losses.ts';
import {
  runTreeOps,
  type DataOp,
  type FileOp,
  type TreeMeta,
  type TreeOps,
  type TreePlace,
} from '../../vault/restore/tree-ops.ts';
import type { TreeSink } from '../../vault/restore/tree-sink.ts';
import type { SentChunk, TreeCounts } from '../../vault/restore/tree-thread.ts';
import { tarEnd, tarHeader, tarPadding, type TarEntry } from './tar-header.ts';
import { TreeSum } from './tree-sum.ts';

const { O_RDWR, O_CREAT, O_EXCL } = fs.constants;
const pieceBytes = 1024 * 1024;
const mostQueuedBytes = 8 * 1024 * 1024;

type OpenFile = Readonly<{ op: FileOp; fd: number; name: string; content: FileContent }>;
type Piece = Readonly<{ bytes: number; read: () => Iterable<Buffer> }>;

export type ArchiveParts = Readonly<{
  /** A private folder, for files that are put together from many chunks. */
  scratch: string;
  /** Name of the folder in the archive that stands for the root. */
  root: string;
  /** Unpacks the archive; resolves when all of it is there. */
  put: (archive: Readable) => Promise<void>;
  /** The sum of what is there then. */
  sum: () => Promise<bigint>;
  /** The sum of what was there before, to which files are added; undefined: the tree is all there will be. */
  base: bigint | undefined;
  /** What a path of the tree has, for its further names: the engine gives each name's to all of them. */
  metaOf: (path: Buffer) => Promise<TreeMeta>;
  onBytes: (bytes: number) => void;
}>;

/**
 * Writes a tree as an archive that a Docker engine unpacks: the way where no container can run. The engine says nothing of what it left out,
 * so all is read back and compared.
 */
export class ArchiveSink implements TreeSink, TreeOps {
  readonly #parts: ArchiveParts;
  readonly #losses = new TreeLosses();
  readonly #sum = new TreeSum();
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #folders = new Map<number, Buffer>();
  readonly #queue: Piece[] = [];
  readonly #links: Readonly<{ path: Buffer; target: Buffer }>[] = [];
  readonly #done: Promise<void>;
  #queued = 0;
  #isEnded = false;
  #changed = Promise.withResolvers<void>();
  #file: OpenFile | undefined;
  #count = 0;
  #files = 0;
  #bytes = 0;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
    this.#done = parts.put(Readable.from(this.#pieces(), { objectMode: false }));
    this.#done.catch(() => undefined);
  }

  async send(ops: Uint8Array, chunks: readonly SentChunk[]): Promise<void> {
    for (const { chunk, bytes } of chunks) this.#chunks.set(chunk, bytes);
    runTreeOps(Buffer.from(ops.buffer, ops.byteOffset, ops.length), this);
    for (const { path: at, target } of this.#links.splice(0)) {
      const { mode, uid, gid, mtimeNs } = await this.whileRunning(this.#parts.metaOf(target));
      const meta = { mode, uid, gid, mtimeNs, xattrs: [] };
      this.#entry({ kind: 'link', path: at, target: this.#inRoot(target), size: 0, ...meta });
    }
    this.#parts.onBytes(this.#bytes);
    this.#change();
    while (this.#queued > mostQueuedBytes) await this.whileRunning(this.#changed.promise);
  }

  async whileRunning<Value>(promise: Promise<Value>): Promise<Value> {
    const early = this.#done.then(async () => await new Promise<never>(() => undefined));
    return await Promise.race([early, promise]);
  }

  async finish(): Promise<TreeCounts & Readonly<{ losses: readonly Finding[] }>> {
    this.#push(tarEnd);
    this.#isEnded = true;
    this.#change();
    await this.#done;
    if ((await this.#parts.sum()) !== this.#sum.after(this.#parts.base ?? 0n)) {
      const message =
        'What Docker has unpacked is not what it was sent. Look for messages of dockerd, make sure of room on its disk, then try again.';
      throw new AppError('failed', message);
    }
    return { files: this.#files, bytes: this.#bytes, losses: this.#losses.list() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#queue.length = 0;
    this.#change();
    if (this.#file !== undefined) fs.closeSync(this.#file.fd);
    this.#file = undefined;
    // Cut off without its end, it is refused by the engine; why we stopped is on its way already.
    await this.#done.catch(() => undefined);
  }

  folder(number: number, place: TreePlace, meta: TreeMeta): void {
    const at = number === 0 ? Buffer.alloc(0) : this.#pathOf(place);
    this.#folders.set(number, at);
    if (number === 0 && this.#parts.base !== undefined) return;
    this.#sum.folder(meta, at);
    this.#entry({ kind: 'folder', path: at, size: 0, ...meta });
  }

  beginFile(op: FileOp): void {
    const name = path.join(this.#parts.scratch, `file-${String(this.#count)}`);
    this.#count += 1;
    const fd = fs.openSync(name, O_RDWR | O_CREAT | O_EXCL, 0o600);
    const kept = { ...op, name: Buffer.from(op.name), meta: withOwnXattrs(op.meta) };
    this.#file = { op: kept, fd, name, content: new FileContent(fd, op.size) };
  }

  data({ chunk, from, length, at }: DataOp): void {
    const bytes = this.#chunks.get(chunk);
    if (bytes === undefined || from + length > bytes.length)
      throw new Error(`Chunk ${String(chunk)} is not whole`);
    this.#openFile().content.write(bytes.subarray(from, from + length), at);
    this.#bytes += length;
  }

  hole(at: number, length: number): void {
    this.#openFile().content.hole(at, length);
    this.#losses.once('holes-filled', 'Holes of sparse files were written as zeros, which take room.');
  }

  endFile(): void {
    const { op, fd, name, content } = this.#openFile();
    this.#file = undefined;
    const at = this.#pathOf(op);
    const crc = content.finish();
    if (crc !== op.crc32) {
      fs.closeSync(fd);
      const message = `The file "${at.toString()}" is damaged in this backup. Restore it from another backup.`;
      throw new AppError('damaged', message);
    }
    this.#sum.name(at, 'file');
    this.#sum.file({ size: op.size, crc32: crc, ...op.meta });
    this.#entry({ kind: 'file', path: at, size: op.size, ...op.meta });
    this.#push(tarPadding(op.size), {
      bytes: Math.min(op.size, mostQueuedBytes),
      read: () => contentOf(fd, name, op.size),
    });
    this.#files += 1;
  }

  symlink(place: TreePlace, target: Buffer, meta: TreeMeta): void {
    const at = this.#pathOf(place);
    this.#sum.name(at, 'symlink', target.toString('utf8'));
    this.#entry({ kind: 'symlink', path: at, target, size: 0, ...meta });
    this.#files += 1;
  }

  hardLink(place: TreePlace, first: Buffer): void {
    const at = this.#pathOf(place);
    this.#sum.name(at, 'file');
    this.#links.push({ path: at, target: Buffer.from(first) });
    this.#files += 1;
  }

  finishFolder(number: number): void {
    this.#folders.delete(number);
  }

  dropChunk(chunk: number): void {
    this.#chunks.delete(chunk);
  }

  #entry(entry: TarEntry): void {
    // The engine takes times before 1970 for its beginning.
    if (entry.mtimeNs < 0n)
      this.#losses.add('time-not-kept', 'Its time, before 1970, could not be kept.', entry.path.toString());
    this.#push(tarHeader({ ...entry, path: this.#inRoot(entry.path) }));
  }

  #inRoot(at: Buffer): Buffer {
    return at.length === 0
      ? Buffer.from(this.#parts.root)
      : Buffer.concat([Buffer.from(`${this.#parts.root}/`), at]);
  }

  #pathOf({ parent, name }: TreePlace): Buffer {
    if (name.length === 0 || name.includes(0x2f) || name.includes(0) || ['.', '..'].includes(name.toString()))
      throw new AppError('damaged', 'The backup names a file as none can be called. Restore another backup.');
    const above = this.#folders.get(parent);
    if (above === undefined) throw new Error(`Folder ${String(parent)} is not open`);
    return above.length === 0 ? Buffer.from(name) : Buffer.concat([above, Buffer.from('/'), name]);
  }

  #openFile(): OpenFile {
    if (this.#file === undefined) throw new Error('No file was begun');
    return this.#file;
  }

  #push(bytes: Buffer, before?: Piece): void {
    const pieces = [...(before === undefined ? [] : [before]), { bytes: bytes.length, read: () => [bytes] }];
    for (const piece of pieces) this.#queued += piece.bytes;
    this.#queue.push(...pieces);
  }

  async *#pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        yield* next.read();
        this.#queued -= next.bytes;
        this.#change();
      }
      if (this.#isEnded) return;
      await this.#changed.promise;
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** Names and values are views of a message. */
function withOwnXattrs(meta: TreeMeta): TreeMeta {
  const xattrs = meta.xattrs.map(({ name, value }) => ({
    name: Buffer.from(name),
    value: Buffer.from(value),
  }));
  return { ...meta, xattrs };
}

/** Read once, then gone. */
function* contentOf(fd: number, name: string, size: number): Generator<Buffer> {
  try {
    for (let at = 0; at < size;) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - at));
      const read = fs.readSync(fd, piece, 0, piece.length, at);
      if (read === 0) throw new Error(`${name} ends early`);
      yield piece.subarray(0, read);
      at += read;
    }
  } finally {
    fs.closeSync(fd);
    fs.unlinkSync(name);
  }
}
