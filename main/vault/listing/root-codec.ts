import { chunkIdBytes, maxChunkBytes } from '../chunks/chunk-store.ts';
import { ByteReader, damagedListing } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { limits } from './limits.ts';
import { comparePaths, isCleanPath } from './path-order.ts';

const magic = Buffer.from('TBLR');
const version = 1;
/** Largest count of used bytes that is kept; more counts as this. */
export const mostUsedBytes = 0xffff_ffff;

/** The chunks that a listing refers to, by number. Unused numbers (holes) have length 0 and an id of zeros. */
export type ChunkTableData = Readonly<{
  count: number;
  /** chunkIdBytes for each. */
  ids: Uint8Array;
  /** Plaintext bytes of each chunk, and how many of them this listing uses. */
  lengths: Uint32Array;
  used: Uint32Array;
}>;

export type BlockPlace = Readonly<{ id: Uint8Array; bytes: number; entries: number; firstPath: Buffer }>;

/** What the root of a listing says. */
export type RootData = Readonly<{
  table: ChunkTableData;
  blocks: readonly BlockPlace[];
  entries: number;
  files: number;
  bytes: number;
}>;

/** Magic, version, ids, lengths and use, blocks, counts. The ids come first, so that roots that grew share their first pieces. */
export function encodeRoot(root: RootData): Buffer {
  const { table, blocks } = root;
  const writer = new ByteWriter(65_536 + table.count * (chunkIdBytes + 8));
  writer.bytes(magic);
  writer.byte(version);
  writer.varint(table.count);
  writer.bytes(table.ids, 0, table.count * chunkIdBytes);
  for (let number = 0; number < table.count; number += 1) {
    writer.varint(table.lengths[number] ?? 0);
    writer.varint(table.used[number] ?? 0);
  }
  writer.varint(blocks.length);
  for (const block of blocks) {
    writer.bytes(block.id);
    writer.varint(block.bytes);
    writer.varint(block.entries);
    writer.varint(block.firstPath.length);
    writer.bytes(block.firstPath);
  }
  writer.varint(root.entries);
  writer.varint(root.files);
  writer.varint(root.bytes);
  return writer.written;
}

/** Throws `damaged` for whatever `encodeRoot` would not have written. */
export function decodeRoot(bytes: Buffer): RootData {
  const reader = new ByteReader(bytes);
  if (!reader.view(magic.length).equals(magic)) {
    throw damagedListing('its root is something else');
  }
  if (reader.byte() !== version) {
    throw damagedListing('its root is of another version');
  }
  const table = readTable(reader);
  const blocks = readBlocks(reader);
  const counts = {
    entries: reader.varint(Number.MAX_SAFE_INTEGER),
    files: reader.varint(Number.MAX_SAFE_INTEGER),
    bytes: reader.varint(Number.MAX_SAFE_INTEGER),
  };
  reader.end();
  if (
    blocks.reduce((sum, block) => sum + block.entries, 0) !== counts.entries ||
    counts.files > counts.entries
  ) {
    throw damagedListing('its counts disagree');
  }
  return { table, blocks, ...counts };
}

function readTable(reader: ByteReader): ChunkTableData {
  const count = reader.varint(Math.floor(reader.left / chunkIdBytes));
  const ids = new Uint8Array(reader.view(count * chunkIdBytes));
  const lengths = new Uint32Array(count);
  const used = new Uint32Array(count);
  for (let number = 0; number < count; number += 1) {
    const length = reader.varint(maxChunkBytes);
    lengths[number] = length;
    used[number] = reader.varint(length === 0 ? 0 : mostUsedBytes);
    if ((length === 0) !== isZeroId(ids, number)) {
      throw damagedListing('an unused chunk number has an id, or a used one has none');
    }
  }
  return { count, ids, lengths, used };
}

export function isZeroId(ids: Uint8Array, number: number): boolean {
  const start = number * chunkIdBytes;
  for (let at = start; at < start + chunkIdBytes; at += 1) {
    if (ids[at] !== 0) {
      return false;
    }
  }
  return true;
}

function readBlocks(reader: ByteReader): readonly BlockPlace[] {
  const count = reader.varint(Math.min(limits.blocks, Math.floor(reader.left / chunkIdBytes)));
  const blocks: BlockPlace[] = [];
  let last: BlockPlace | undefined;
  for (let index = 0; index < count; index += 1) {
    const block = readBlock(reader);
    checkFirstPath(block.firstPath, last?.firstPath);
    blocks.push(block);
    last = block;
  }
  if (last === undefined) {
    throw damagedListing('it holds nothing');
  }
  return blocks;
}

function readBlock(reader: ByteReader): BlockPlace {
  const id = new Uint8Array(reader.view(chunkIdBytes));
  const bytes = reader.varint(limits.blockBytes);
  const entries = reader.varint(bytes);
  const firstPath = Buffer.from(reader.view(reader.varint(limits.pathBytes)));
  if (entries === 0) {
    throw damagedListing('a block is empty');
  }
  return { id, bytes, entries, firstPath };
}

function checkFirstPath(path: Buffer, previous: Buffer | undefined): void {
  if (
    previous === undefined
      ? path.length !== 0
      : comparePaths(path, path.length, previous, previous.length) <= 0
  ) {
    throw damagedListing('its blocks are out of order');
  }
  if (!isCleanPath(path, path.length)) {
    throw damagedListing('a path is not clean');
  }
}
