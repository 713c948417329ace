import { damagedListing } from './byte-reader.ts';
import { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Xattr } from './entry.ts';
import { limits } from './limits.ts';

/** Attributes: count, then for each the length of the name, the name, the length of the value, the value. */
export function writeXattrs(writer: ByteWriter, xattrs: readonly Xattr[]): void {
  writer.varint(xattrs.length);
  for (const { name, value } of xattrs) {
    writer.varint(name.length);
    writer.bytes(name);
    writer.varint(value.length);
    writer.bytes(value);
  }
}

/** Reads past attributes and gives their bytes, as a view; refuses what breaks a limit. */
export function readXattrBytes(reader: ByteReader): Buffer {
  const start = reader.position;
  const count = reader.varint(limits.xattrCount);
  if (count === 0) {
    throw damagedListing('an empty list of attributes');
  }
  for (let index = 0; index < count; index += 1) {
    const nameLength = reader.varint(limits.xattrNameBytes);
    const name = reader.view(nameLength);
    if (nameLength === 0 || name.includes(0)) {
      throw damagedListing('the name of an attribute');
    }
    reader.view(reader.varint(limits.xattrValueBytes));
  }
  const bytes = reader.since(start);
  if (bytes.length > limits.xattrBytes) {
    throw damagedListing('attributes are too long');
  }
  return bytes;
}

/** The attributes of what `readXattrBytes` gave, as copies. */
export function parseXattrs(bytes: Buffer): readonly Xattr[] {
  if (bytes.length === 0) {
    return [];
  }
  const reader = new ByteReader(bytes);
  const count = reader.varint(limits.xattrCount);
  return Array.from({ length: count }, () => {
    const name = Buffer.from(reader.view(reader.varint(limits.xattrNameBytes)));
    const value = Buffer.from(reader.view(reader.varint(limits.xattrValueBytes)));
    return { name, value };
  });
}
