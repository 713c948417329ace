import { AppError } from '../../../../shared/lib/app-error.ts';
import { ByteReader } from '../../listing/byte-reader.ts';
import { EntrySequence } from '../../listing/entry-sequence.ts';
import { limits } from '../../listing/limits.ts';
import { isCleanPath } from '../../listing/path-order.ts';
import { kinds } from '../../listing/raw-entry.ts';
import { readXattrBytes } from '../../listing/xattr-codec.ts';
import { brokenRecords, frameOf, FrameReader, magicOf } from './frames.ts';
import type { PieceSource } from './frames.ts';
import { readNumber, readStat, statBytes } from './stat-codec.ts';
import { kindOf } from './tree-record.ts';
import type { TreeRecord } from './tree-record.ts';

const lengthsBytes = 12;
const findingBytes = 8;
const nothing = Buffer.alloc(0);
const mostEntries = 2 ** 32 - 1;

/** What a tree stream begins with: the sender's clock, and when its sync began (0 = there was none), in ns since 1970. */
export type TreeHead = Readonly<{ nowNs: bigint; syncedNs: bigint }>;
/** The code is one of `findingCodes`; README.md says what they mean. */
export type RecordFinding = Readonly<{ code: number; errno: number; path: Buffer }>;
export type TreeTotals = Readonly<{
  entries: number;
  findings: number;
  excludedFiles: number;
  excludedBytes: number;
}>;

/** Reads a tree stream, from bytes that may be hostile: what it gives is an ordered tree with clean paths, whatever they are. */
export class TreeRecordReader {
  readonly #frames: FrameReader;
  readonly #sequence = new EntrySequence(true);
  readonly #xattrs = new ByteReader();
  #entries = 0;
  #findings = 0;
  readonly head: TreeHead;
  /** Set when `next` has given `finding`. */
  finding: RecordFinding = { code: 0, errno: 0, path: nothing };
  /** Set when `next` has given `end`. */
  totals: TreeTotals = { entries: 0, findings: 0, excludedFiles: 0, excludedBytes: 0 };

  constructor(take: PieceSource) {
    this.#frames = new FrameReader(take, magicOf.tree);
    this.head = this.#readHead();
  }

  /** Reads on: an entry goes into `record`. */
  next(record: TreeRecord): 'entry' | 'finding' | 'end' {
    const frames = this.#frames;
    frames.next();
    switch (frames.type) {
      case frameOf.entry:
        this.#readEntry(record);
        return 'entry';
      case frameOf.finding:
        this.#readFinding();
        return 'finding';
      case frameOf.end:
        this.#readEnd();
        return 'end';
      default:
        throw brokenRecords('the type of a frame');
    }
  }

  #readHead(): TreeHead {
    const frames = this.#frames;
    frames.next();
    frames.expectBody(20);
    if (frames.type !== frameOf.head || frames.bytes.readUInt32LE(frames.start) !== 0) {
      throw brokenRecords('its head');
    }
    return {
      nowNs: frames.bytes.readBigInt64LE(frames.start + 4),
      syncedNs: frames.bytes.readBigInt64LE(frames.start + 12),
    };
  }

  #readEntry(record: TreeRecord): void {
    const frames = this.#frames;
    const at = frames.start + statBytes;
    const pathAt = at + lengthsBytes;
    if (pathAt > frames.end || this.#entries === mostEntries) {
      throw brokenRecords('the length of a frame');
    }
    const { bytes } = frames;
    readStat(bytes, frames.start, record.stat);
    const flags = bytes.readUInt16LE(at);
    const pathLength = bytes.readUInt16LE(at + 2);
    const targetLength = bytes.readUInt16LE(at + 4);
    const xattrsLength = bytes.readUInt32LE(at + 8);
    if (pathLength > limits.pathBytes || flags > 1) {
      throw brokenRecords('a path is too long, or a flag unknown');
    }
    frames.expectBody(statBytes + lengthsBytes + pathLength + targetLength + xattrsLength);
    bytes.copy(record.path, 0, pathAt, pathAt + pathLength);
    record.pathLength = pathLength;
    record.stat.isTimeKept = flags === 0;
    record.kind = kindOf(record.stat) ?? refuseType();
    record.target = targetLength === 0 ? nothing : frames.view(pathAt + pathLength, targetLength);
    record.xattrs = this.#checkedXattrs(frames.view(frames.end - xattrsLength, xattrsLength));
    checkTarget(record);
    this.#checkPlace(record);
    record.number = this.#entries;
    this.#entries += 1;
  }

  #checkPlace(record: TreeRecord): void {
    if (!isCleanPath(record.path, record.pathLength)) {
      throw brokenRecords('a path is not clean');
    }
    asBroken(() => {
      this.#sequence.check(record);
    });
  }

  #checkedXattrs(bytes: Buffer): Buffer {
    return bytes.length === 0 ? nothing : checkedXattrs(this.#xattrs, bytes);
  }

  #readFinding(): void {
    const frames = this.#frames;
    const { bytes, start } = frames;
    if (frames.end - start < findingBytes) {
      throw brokenRecords('the length of a frame');
    }
    const length = bytes.readUInt16LE(start + 2);
    frames.expectBody(findingBytes + length);
    const path = Buffer.from(frames.view(start + findingBytes, length));
    if (length > limits.pathBytes || !isCleanPath(path, length)) {
      throw brokenRecords('a path is not clean');
    }
    this.finding = { code: bytes[start] ?? 0, errno: bytes.readUInt32LE(start + 4), path };
    this.#findings += 1;
  }

  #readEnd(): void {
    const frames = this.#frames;
    frames.expectBody(32);
    const { bytes, start } = frames;
    this.totals = {
      entries: readNumber(bytes, start),
      findings: readNumber(bytes, start + 8),
      excludedFiles: boundedNumber(bytes, start + 16),
      excludedBytes: boundedNumber(bytes, start + 24),
    };
    if (
      this.totals.entries !== this.#entries ||
      this.totals.findings !== this.#findings ||
      this.#entries === 0
    ) {
      throw brokenRecords('its counts are not those of its end');
    }
    frames.finish();
  }
}

/** Attributes as a listing holds them, checked. */
export function checkedXattrs(reader: ByteReader, bytes: Buffer): Buffer {
  asBroken(() => {
    reader.open(bytes);
    readXattrBytes(reader);
    reader.end();
  });
  return bytes;
}

/** What breaks a rule of listings breaks one of records: no vault is damaged by it. */
function asBroken(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      throw brokenRecords(String(error.details['what']));
    }
    throw error;
  }
}

function refuseType(): never {
  throw brokenRecords('an entry is neither file, folder nor symlink');
}

function checkTarget(record: TreeRecord): void {
  const { target } = record;
  const isRight =
    record.kind === kinds.symlink
      ? target.length > 0 && target.length <= limits.symlinkBytes && !target.includes(0)
      : target.length === 0;
  if (!isRight) {
    throw brokenRecords('the target of a symlink');
  }
}

function boundedNumber(bytes: Buffer, at: number): number {
  const value = readNumber(bytes, at);
  if (value > Number.MAX_SAFE_INTEGER) {
    throw brokenRecords('a count is out of range');
  }
  return value;
}
