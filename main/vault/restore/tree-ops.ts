import type { Entry, Xattr } from '../listing/entry.ts';
import type { ByteWriter } from '../listing/byte-writer.ts';
import { ByteReader } from '../listing/byte-reader.ts';

/** What an inode gets besides its content. `mtimeNs` is in ns since 1970. */
export type TreeMeta = Readonly<{
  mode: number;
  uid: number;
  gid: number;
  mtimeNs: bigint;
  xattrs: readonly Xattr[];
}>;

/** A name within a folder that an earlier `folder` operation numbered; folder 0 is the root. */
export type TreePlace = Readonly<{ parent: number; name: Buffer }>;

export type FileOp = TreePlace & Readonly<{ meta: TreeMeta; size: number; crc32: number }>;

/** A slice of an opened chunk, and where in the file it belongs. */
export type DataOp = Readonly<{ chunk: number; from: number; length: number; at: number }>;

/** What a thread does to, or checks of, one tree, in this order of calls. `data` and `hole` are of the file begun last. */
export interface TreeOps {
  folder(number: number, place: TreePlace, meta: TreeMeta): void;
  beginFile(file: FileOp): void;
  data(data: DataOp): void;
  hole(at: number, length: number): void;
  endFile(): void;
  symlink(place: TreePlace, target: Buffer, meta: TreeMeta): void;
  /** `first` is the path of the inode's first name. */
  hardLink(place: TreePlace, first: Buffer): void;
  /** All that lies in the folder was named. */
  finishFolder(number: number): void;
  dropChunk(chunk: number): void;
}

const codes = {
  folder: 1,
  beginFile: 2,
  data: 3,
  hole: 4,
  endFile: 5,
  symlink: 6,
  hardLink: 7,
  finishFolder: 8,
  dropChunk: 9,
} as const;

/** What of an entry goes into its operation. */
export type OpEntry = Readonly<{
  stat: Pick<Entry['stat'], 'mode' | 'uid' | 'gid' | 'mtimeNs' | 'size'>;
  xattrs: readonly Xattr[];
}>;

/** Writes operations for a thread: one message holds thousands, since cloning objects would cost more than the work itself. */
export class TreeOpsWriter {
  readonly #bytes: ByteWriter;

  constructor(bytes: ByteWriter) {
    this.#bytes = bytes;
  }

  folder(number: number, place: TreePlace, entry: OpEntry): void {
    this.#bytes.byte(codes.folder);
    this.#bytes.varint(number);
    this.#place(place);
    this.#meta(entry);
  }

  beginFile(place: TreePlace, entry: OpEntry, crc32: number): void {
    this.#bytes.byte(codes.beginFile);
    this.#place(place);
    this.#meta(entry);
    this.#bytes.varint(entry.stat.size);
    this.#bytes.uint32(crc32);
  }

  data(data: DataOp): void {
    this.#bytes.byte(codes.data);
    this.#bytes.varint(data.chunk);
    this.#bytes.varint(data.from);
    this.#bytes.varint(data.length);
    this.#bytes.varint(data.at);
  }

  hole(at: number, length: number): void {
    this.#bytes.byte(codes.hole);
    this.#bytes.varint(at);
    this.#bytes.varint(length);
  }

  endFile(): void {
    this.#bytes.byte(codes.endFile);
  }

  symlink(place: TreePlace, target: Buffer, entry: OpEntry): void {
    this.#bytes.byte(codes.symlink);
    this.#place(place);
    this.#sized(target);
    this.#meta(entry);
  }

  hardLink(place: TreePlace, first: Buffer): void {
    this.#bytes.byte(codes.hardLink);
    this.#place(place);
    this.#sized(first);
  }

  finishFolder(number: number): void {
    this.#bytes.byte(codes.finishFolder);
    this.#bytes.varint(number);
  }

  dropChunk(chunk: number): void {
    this.#bytes.byte(codes.dropChunk);
    this.#bytes.varint(chunk);
  }

  #place(place: TreePlace): void {
    this.#bytes.varint(place.parent);
    this.#sized(place.name);
  }

  #meta(entry: OpEntry): void {
    const { mode, uid, gid, mtimeNs } = entry.stat;
    this.#bytes.varint(mode);
    this.#bytes.varint(uid);
    this.#bytes.varint(gid);
    this.#bytes.uint32(Number(BigInt.asIntN(32, mtimeNs)));
    this.#bytes.uint32(Number(BigInt.asIntN(32, mtimeNs >> 32n)));
    this.#bytes.varint(entry.xattrs.length);
    for (const xattr of entry.xattrs) {
      this.#sized(xattr.name);
      this.#sized(xattr.value);
    }
  }

  #sized(bytes: Buffer): void {
    this.#bytes.varint(bytes.length);
    this.#bytes.bytes(bytes);
  }
}

/** Calls `ops` for each operation of one message, in order. */
export function runTreeOps(message: Buffer, ops: TreeOps): void {
  const reader = new ByteReader(message);
  while (reader.left > 0) {
    runOne(reader, ops);
  }
}

function runOne(reader: ByteReader, ops: TreeOps): void {
  const code = reader.byte();
  switch (code) {
    case codes.folder:
      ops.folder(number(reader), place(reader), meta(reader));
      break;
    case codes.beginFile:
      ops.beginFile({ ...place(reader), meta: meta(reader), size: number(reader), crc32: reader.uint32() });
      break;
    case codes.data:
      ops.data({ chunk: number(reader), from: number(reader), length: number(reader), at: number(reader) });
      break;
    case codes.hole:
      ops.hole(number(reader), number(reader));
      break;
    case codes.endFile:
      ops.endFile();
      break;
    case codes.symlink:
      ops.symlink(place(reader), sized(reader), meta(reader));
      break;
    case codes.hardLink:
      ops.hardLink(place(reader), sized(reader));
      break;
    case codes.finishFolder:
      ops.finishFolder(number(reader));
      break;
    case codes.dropChunk:
      ops.dropChunk(number(reader));
      break;
    default:
      throw new Error(`Unknown operation ${String(code)}`);
  }
}

function number(reader: ByteReader): number {
  return reader.varint(Number.MAX_SAFE_INTEGER);
}

function sized(reader: ByteReader): Buffer {
  return reader.view(number(reader));
}

function place(reader: ByteReader): TreePlace {
  return { parent: number(reader), name: sized(reader) };
}

function meta(reader: ByteReader): TreeMeta {
  const mode = number(reader);
  const uid = number(reader);
  const gid = number(reader);
  const low = reader.uint32();
  const mtimeNs = (BigInt(reader.int32()) << 32n) | BigInt(low);
  const xattrs = Array.from({ length: number(reader) }, () => ({
    name: sized(reader),
    value: sized(reader),
  }));
  return { mode, uid, gid, mtimeNs, xattrs };
}
