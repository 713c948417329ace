import { pathText } from '../../platform/path-text.ts';
import { bytesAsText, compileName } from '../../vault/capture/walk/glob.ts';

const special = /[*?[]/u;
const slash = '/';

/**
 * Tests whether a path (raw bytes) is one that is looked for, whatever its case. A pattern with `*`, `?` or `[…]` must fit the whole
 * name, or the last names of the path when it holds `/`; any other is looked for anywhere in the name, or path when it holds `/`.
 */
export function namePattern(pattern: string): (path: Buffer) => boolean {
  return special.test(pattern) ? globTest(pattern) : substringTest(pattern);
}

function substringTest(pattern: string): (path: Buffer) => boolean {
  const wanted = pattern.toLowerCase();
  const isOfPath = pattern.includes(slash);
  return (path) =>
    pathText(isOfPath ? path : nameOf(path))
      .toLowerCase()
      .includes(wanted);
}

function globTest(pattern: string): (path: Buffer) => boolean {
  const tests = pattern.toLowerCase().split(slash).map(compileName);
  return (path) => {
    const names = path.toString().toLowerCase().split(slash);
    const last = names.slice(-tests.length);
    return last.length === tests.length && tests.every((test, index) => test(bytesAsText(last[index] ?? '')));
  };
}

function nameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(slash) + 1);
}
