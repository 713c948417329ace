import { ByteReader, damagedListing } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { ExtentDecoder, ExtentEncoder } from './extent-codec.ts';
import { ExtentList } from './extent-list.ts';
import { limits } from './limits.ts';

const magic = Buffer.from('TBPM');
const version = 1;
export const pageHashBytes = 16;
const largestPage = 65_536;

/**
 * Where the content of one file lies when that does not fit into its entry: the extents, and for page-wise files the keyed hash of
 * each page. `pageSize` is 0 for files that have no pages.
 */
export type PageMap = Readonly<{
  pageSize: number;
  pageCount: number;
  /** pageHashBytes for each page. */
  hashes: Buffer;
  extents: ExtentList;
}>;

export function writePageMap(writer: ByteWriter, map: PageMap): void {
  writer.bytes(magic);
  writer.byte(version);
  writer.varint(map.pageSize);
  writer.varint(map.pageCount);
  writer.bytes(map.hashes, 0, map.pageCount * pageHashBytes);
  new ExtentEncoder().write(writer, map.extents);
}

/**
 * Reads a map of a file of `size` bytes; `lengths` are those of the chunk table. Throws `damaged` unless extents lie in their
 * chunks and make the size. Hashes are a view of `bytes`.
 */
export function readPageMap(bytes: Buffer, lengths: Uint32Array, size: number): PageMap {
  const reader = new ByteReader(bytes);
  if (!reader.view(magic.length).equals(magic) || reader.byte() !== version) {
    throw damagedListing('a page map is something else');
  }
  const pageSize = reader.varint(largestPage);
  const pageCount = reader.varint(pageSize === 0 ? 0 : Math.floor(reader.left / pageHashBytes));
  const hashes = reader.view(pageCount * pageHashBytes);
  const extents = new ExtentList();
  new ExtentDecoder(lengths).read(reader, extents, limits.mapExtents);
  reader.end();
  if (extents.totalLength() !== size || (pageSize !== 0 && pageCount * pageSize !== size)) {
    throw damagedListing('a page map does not make the size of its file');
  }
  return { pageSize, pageCount, hashes, extents };
}
