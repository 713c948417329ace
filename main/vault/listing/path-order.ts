const slash = 0x2f;
const dot = 0x2e;

/** A byte as it counts in the order of paths: `/` is below every other, so that a folder stands before what follows its contents. */
function rank(byte: number): number {
  return byte === slash ? 0 : byte;
}

/**
 * Orders paths by component, bytewise: negative, 0 or positive. Only the given lengths of both buffers count. A path comes before
 * those that lie below it, and they come before every other that follows it.
 */
export function comparePaths(
  left: Uint8Array,
  leftLength: number,
  right: Uint8Array,
  rightLength: number,
): number {
  const common = Math.min(leftLength, rightLength);
  for (let at = 0; at < common; at += 1) {
    const a = left[at] ?? 0;
    const b = right[at] ?? 0;
    if (a !== b) {
      return rank(a) - rank(b);
    }
  }
  return leftLength - rightLength;
}

/** Whether `path` is `folder` or lies below it. The empty folder is the root of the tree. */
export function isWithin(path: Uint8Array, folder: Uint8Array): boolean {
  return isPrefix(path, path.length, folder, folder.length);
}

/** The same for the given lengths of both buffers. */
export function isPrefix(
  path: Uint8Array,
  length: number,
  folder: Uint8Array,
  folderLength: number,
): boolean {
  if (folderLength === 0) {
    return true;
  }
  if (folderLength > length || (length > folderLength && path[folderLength] !== slash)) {
    return false;
  }
  for (let at = 0; at < folderLength; at += 1) {
    if (path[at] !== folder[at]) {
      return false;
    }
  }
  return true;
}

/** Length of the path of the folder that holds `path`; 0 for what lies in the root. */
export function parentLength(path: Uint8Array, length: number): number {
  let at = length - 1;
  while (at > 0 && path[at] !== slash) {
    at -= 1;
  }
  return Math.max(at, 0);
}

/** Whether no component is empty, `.`, `..` or holds a zero byte. The empty path (the root of the tree) is clean. */
export function isCleanPath(path: Uint8Array, length: number): boolean {
  if (length === 0) {
    return true;
  }
  let start = 0;
  for (let at = 0; at <= length; at += 1) {
    const byte = at === length ? slash : path[at];
    if (byte === 0) {
      return false;
    }
    if (byte === slash) {
      if (!isCleanName(path, start, at)) {
        return false;
      }
      start = at + 1;
    }
  }
  return true;
}

function isCleanName(path: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || (length === 1 && path[start] === dot)) {
    return false;
  }
  return !(length === 2 && path[start] === dot && path[start + 1] === dot);
}
