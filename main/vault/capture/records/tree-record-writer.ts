import { frameOf, FrameWriter, magicOf } from './frames.ts';
import type { PieceSink } from './frames.ts';
import { statBytes, writeNumber, writeStat } from './stat-codec.ts';
import type { RecordFinding, TreeHead } from './tree-record-reader.ts';
import type { TreeRecord } from './tree-record.ts';

const lengthsBytes = 12;
const findingBytes = 8;

/** Writes a tree stream. */
export class TreeRecordWriter {
  readonly #frames: FrameWriter;
  #entries = 0;
  #findings = 0;

  constructor(give: PieceSink, first: Uint8Array<ArrayBuffer>, head: TreeHead) {
    this.#frames = new FrameWriter(give, first, magicOf.tree);
    const at = this.#frames.begin(frameOf.head, 20);
    const { bytes } = this.#frames;
    bytes.writeUInt32LE(0, at);
    bytes.writeBigInt64LE(head.nowNs, at + 4);
    bytes.writeBigInt64LE(head.syncedNs, at + 12);
    this.#frames.finish(at + 20);
  }

  /** Adds an entry. */
  add(record: Omit<TreeRecord, 'number'>): void {
    const { pathLength, target, xattrs } = record;
    const length = statBytes + lengthsBytes + pathLength + target.length + xattrs.length;
    const at = this.#frames.begin(frameOf.entry, length);
    const { bytes } = this.#frames;
    const lengthsAt = at + statBytes;
    const pathAt = lengthsAt + lengthsBytes;
    writeStat(bytes, at, record.stat);
    bytes.writeUInt16LE(record.stat.isTimeKept ? 0 : 1, lengthsAt);
    bytes.writeUInt16LE(pathLength, lengthsAt + 2);
    bytes.writeUInt32LE(target.length, lengthsAt + 4);
    bytes.writeUInt32LE(xattrs.length, lengthsAt + 8);
    record.path.copy(bytes, pathAt, 0, pathLength);
    target.copy(bytes, pathAt + pathLength);
    xattrs.copy(bytes, pathAt + pathLength + target.length);
    this.#frames.finish(at + length);
    this.#entries += 1;
  }

  addFinding({ code, errno, path }: RecordFinding): void {
    const at = this.#frames.begin(frameOf.finding, findingBytes + path.length);
    const { bytes } = this.#frames;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt16LE(path.length, at + 2);
    bytes.writeUInt32LE(errno, at + 4);
    path.copy(bytes, at + findingBytes);
    this.#frames.finish(at + findingBytes + path.length);
    this.#findings += 1;
  }

  finish(excluded: Readonly<{ excludedFiles: number; excludedBytes: number }>): void {
    const at = this.#frames.begin(frameOf.end, 32);
    const { bytes } = this.#frames;
    writeNumber(bytes, at, this.#entries);
    writeNumber(bytes, at + 8, this.#findings);
    writeNumber(bytes, at + 16, excluded.excludedFiles);
    writeNumber(bytes, at + 24, excluded.excludedBytes);
    this.#frames.finish(at + 32);
    this.#frames.flush();
  }
}
