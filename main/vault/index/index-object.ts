import { AppError } from '../../../shared/lib/app-error.ts';
import { maxPackBytes } from '../chunks/pack-footer.ts';
import { packRecordBytes, readPackRecord, writePackRecord } from '../chunks/pack-record.ts';
import type { PackRecord } from '../chunks/pack-record.ts';

export type RecordedPack = Readonly<{ id: string; size: number; record: PackRecord }>;

/** What one index object says. Objects that it names as superseded count no more, whether they are there or not. */
type IndexContent = Readonly<{ supersedes: readonly string[]; packs: readonly RecordedPack[] }>;

const format = 1;
const headBytes = 16;
const nameBytes = 16;
const packHeadBytes = 40;
const step = 1024;
const maxNames = 100_000;
const maxPacks = 1_000_000;

/** Bytes that a pack takes in an index object. */
export function indexBytesOf(pack: RecordedPack): number {
  return packHeadBytes + packRecordBytes(pack.record.chunks.length);
}

export function encodeIndex(content: IndexContent): Buffer {
  const { supersedes, packs } = content;
  const used = packs.reduce(
    (sum, pack) => sum + indexBytesOf(pack),
    headBytes + supersedes.length * nameBytes,
  );
  // Padded, so that the size says little of how many chunks there are.
  const bytes = Buffer.alloc(Math.ceil(used / step) * step);
  bytes.writeUInt16LE(format, 0);
  bytes.writeUInt32LE(supersedes.length, 4);
  bytes.writeUInt32LE(packs.length, 8);
  let offset = headBytes;
  for (const name of supersedes) {
    bytes.write(name, offset, nameBytes, 'hex');
    offset += nameBytes;
  }
  for (const pack of packs) {
    bytes.write(pack.id, offset, 32, 'hex');
    bytes.writeUInt32LE(pack.size, offset + 32);
    offset = writePackRecord(pack.record, bytes, offset + packHeadBytes);
  }
  return bytes;
}

/** The same as it was read: packs are decoded one by one, each time anew, since all together take much memory. */
export type DecodedIndex = Readonly<{
  supersedes: readonly string[];
  packIds: readonly string[];
  packs: () => Iterable<RecordedPack>;
}>;

/** Reads an opened index object; `damaged` when anything in it is out of its bounds. */
export function decodeIndex(bytes: Buffer): DecodedIndex {
  if (bytes.length < headBytes || bytes.readUInt16LE(0) !== format) {
    throw damagedIndex();
  }
  const nameCount = bytes.readUInt32LE(4);
  const packCount = bytes.readUInt32LE(8);
  const start = headBytes + nameCount * nameBytes;
  if (nameCount > maxNames || packCount > maxPacks || start > bytes.length) {
    throw damagedIndex();
  }
  const supersedes: string[] = [];
  for (let offset = headBytes; offset < start; offset += nameBytes) {
    supersedes.push(bytes.toString('hex', offset, offset + nameBytes));
  }
  const packs = (): Iterable<RecordedPack> => packsFrom(bytes, start, packCount);
  // Decodes them all once: whoever asks for them later meets no damage.
  const packIds = Array.from(packs(), ({ id }) => id);
  return { supersedes, packIds, packs };
}

function* packsFrom(bytes: Buffer, start: number, count: number): Generator<RecordedPack> {
  let offset = start;
  for (let number = 0; number < count; number += 1) {
    const { pack, end } = decodePack(bytes, offset);
    yield pack;
    offset = end;
  }
}

function decodePack(bytes: Buffer, offset: number): Readonly<{ pack: RecordedPack; end: number }> {
  if (offset + packHeadBytes > bytes.length) {
    throw damagedIndex();
  }
  const id = bytes.toString('hex', offset, offset + 32);
  const size = bytes.readUInt32LE(offset + 32);
  const { record, end } = readPackRecord(bytes, offset + packHeadBytes);
  const bodyBytes = record.chunks.reduce((sum, chunk) => sum + chunk.sealedLength, 0);
  if (size > maxPackBytes || bodyBytes > size) {
    throw damagedIndex();
  }
  return { pack: { id, size, record }, end };
}

function damagedIndex(): AppError {
  return new AppError('damaged', 'An index object says what cannot be.');
}
