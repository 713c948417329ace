import { getXattr, listXattrs } from '../../../platform/libc.ts';
import type { FileTarget } from '../../../platform/libc.ts';
import { ByteWriter } from '../../listing/byte-writer.ts';
import type { Xattr } from '../../listing/entry.ts';
import { limits } from '../../listing/limits.ts';
import { writeXattrs } from '../../listing/xattr-codec.ts';

const none = Buffer.alloc(0);
const writer = new ByteWriter(1024);

/**
 * All extended attributes, as encoded; undefined when they are too many for a listing. Throws the system's error. Sorted by name:
 * the order in which a file system gives them means nothing, and would make unchanged blocks differ.
 */
export function readXattrBytes(target: FileTarget): Buffer | undefined {
  const names = listXattrs(target);
  if (names.length === 0) {
    return none;
  }
  const xattrs: Xattr[] = [];
  for (const name of names.toSorted((left, right) => left.compare(right))) {
    const value = getXattr(target, name);
    if (value !== undefined) {
      xattrs.push({ name, value });
    }
  }
  if (xattrs.length === 0) {
    return none;
  }
  writer.reset();
  writeXattrs(writer, xattrs);
  const isTooMuch = writer.length > limits.xattrBytes || xattrs.length > limits.xattrCount;
  return isTooMuch ? undefined : Buffer.from(writer.written);
}
