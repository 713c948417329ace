import { getXattr, listXattrs, nextData, nextHole } from '../../platform/libc.ts';
import { pathText } from '../../platform/path-text.ts';
import type { Xattr } from '../listing/entry.ts';
import type { Hole } from './file-content.ts';

/** The holes of an open file, where its file system tells them. */
export function holesOf(fd: number, size: number): readonly Hole[] {
  const holes: Hole[] = [];
  for (let at = 0; at < size;) {
    const data = nextData(fd, at) ?? size;
    if (data > at) {
      holes.push({ at, length: data - at });
    }
    at = data < size ? (nextHole(fd, data) ?? size) : size;
  }
  return holes;
}

export function liveXattrs(target: Buffer | number): readonly Xattr[] {
  return listXattrs(target).map((name) => ({ name, value: getXattr(target, name) ?? Buffer.alloc(0) }));
}

/** Attributes as text to compare and to show, in one order. */
export function xattrsText(xattrs: readonly Xattr[]): string {
  const texts = xattrs.map(({ name, value }) => `${pathText(name)}=${value.toString('hex')}`);
  return texts.toSorted().join(' ');
}
