import fs from 'node:fs';
import { type Libc, loadLibc, requireLibc, systemError } from './libc-binding.ts';

/** A path (raw bytes or text), never followed when its last name is a symlink, or an open descriptor (`O_PATH` ones too). */
export type FileTarget = Buffer | string | number;

const atCurrentFolder = -100;
const atSymlinkNoFollow = 0x100;
const atSymlinkFollow = 0x400;
const seekData = 3;
const seekHole = 4;
const lockExclusiveNonBlocking = 2 | 4;
const renameNoReplace = 1;
const syncRangeWrite = 2;
const maxPathBytes = 4096;
const maxXattrBytes = 65_536;

const noNames: readonly Buffer[] = [];
// Scratch memory of this thread: calls are synchronous, so one of each is enough, and hot loops allocate nothing.
const pathScratch = Buffer.alloc(maxPathBytes + 1);
const secondPathScratch = Buffer.alloc(maxPathBytes + 1);
const nameScratch = Buffer.alloc(257);
const valueScratch = Buffer.alloc(maxXattrBytes);
const timesScratch = new BigInt64Array(4);

/** Why the C library cannot be reached (then ns times, xattrs, holes and OS locks are not kept), or undefined. */
export function libcProblem(): string | undefined {
  return loadLibc().problem;
}

/** Sets both times, in ns since 1970; a symlink's own. Without the C library to the microsecond, as far as Node can. */
export function setTimes(target: FileTarget, atimeNs: bigint, mtimeNs: bigint): void {
  const { libc } = loadLibc();
  if (libc === undefined) {
    setTimesByNode(target, atimeNs, mtimeNs);
    return;
  }
  putTime(0, atimeNs);
  putTime(2, mtimeNs);
  const flags = typeof target === 'number' ? 0 : atSymlinkNoFollow;
  if (libc.utimensat(atCurrentFolder, pathBytesOf(target, pathScratch), timesScratch, flags) !== 0) {
    throw systemError(libc.errno(), 'utimensat');
  }
}

/** Names of the extended attributes; none where the file system has no such thing. */
export function listXattrs(target: FileTarget): readonly Buffer[] {
  const { libc } = loadLibc();
  if (libc === undefined) {
    return noNames;
  }
  const size =
    typeof target === 'number'
      ? listXattrsOfOpen(libc, target)
      : Number(libc.llistxattr(pathBytesOf(target, pathScratch), valueScratch, maxXattrBytes));
  if (size === 0) {
    return noNames;
  }
  if (size < 0) {
    const error = systemError(libc.errno(), 'llistxattr');
    if (error.code === 'ENOTSUP') {
      return noNames;
    }
    throw error;
  }
  return splitNames(Buffer.from(valueScratch.subarray(0, size)));
}

/** Bytes of the names in `valueScratch`, or -1. Descriptors by `O_PATH` are asked by their path, which takes seven times as long. */
function listXattrsOfOpen(libc: Libc, fd: number): number {
  const size = Number(libc.flistxattr(fd, valueScratch, maxXattrBytes));
  if (size >= 0 || systemError(libc.errno(), 'flistxattr').code !== 'EBADF') {
    return size;
  }
  return Number(libc.listxattr(pathBytesOf(fd, pathScratch), valueScratch, maxXattrBytes));
}

/** The value of one extended attribute; undefined when it is not there. */
export function getXattr(target: FileTarget, name: Buffer): Buffer | undefined {
  const { libc } = loadLibc();
  if (libc === undefined) {
    return undefined;
  }
  const path = pathBytesOf(target, pathScratch);
  const call = typeof target === 'number' ? libc.getxattr : libc.lgetxattr;
  const size = Number(call(path, terminated(name, nameScratch, 'ERANGE'), valueScratch, maxXattrBytes));
  if (size < 0) {
    const error = systemError(libc.errno(), 'lgetxattr');
    if (error.code === 'ENODATA' || error.code === 'ENOTSUP') {
      return undefined;
    }
    throw error;
  }
  return Buffer.from(valueScratch.subarray(0, size));
}

export function setXattr(target: FileTarget, name: Buffer, value: Buffer): void {
  const libc = requireLibc('lsetxattr');
  const path = pathBytesOf(target, pathScratch);
  const call = typeof target === 'number' ? libc.setxattr : libc.lsetxattr;
  if (call(path, terminated(name, nameScratch, 'ERANGE'), value, value.length, 0) !== 0) {
    throw systemError(libc.errno(), 'lsetxattr');
  }
}

/** No error when the attribute is not there. */
export function removeXattr(target: FileTarget, name: Buffer): void {
  const libc = requireLibc('lremovexattr');
  const path = pathBytesOf(target, pathScratch);
  const call = typeof target === 'number' ? libc.removexattr : libc.lremovexattr;
  if (call(path, terminated(name, nameScratch, 'ERANGE')) !== 0) {
    const error = systemError(libc.errno(), 'lremovexattr');
    if (error.code !== 'ENODATA') {
      throw error;
    }
  }
}

/** Writes the whole file system of an open descriptor to its disk; without the C library only that file. */
export function syncFileSystem(fd: number): void {
  const { libc } = loadLibc();
  if (libc === undefined) {
    fs.fsyncSync(fd);
  } else if (libc.syncfs(fd) !== 0) {
    throw systemError(libc.errno(), 'syncfs');
  }
}

/** Lets the disk begin to write a range of an open file, which makes a later sync short. It promises nothing, so it cannot fail. */
export function startWriting(fd: number, offset: number, length: number): void {
  loadLibc().libc?.syncFileRange(fd, offset, length, syncRangeWrite);
}

/** First byte at or after `offset` that is data; undefined when only a hole follows. Moves the descriptor's own offset. */
export function nextData(fd: number, offset: number): number | undefined {
  return seek(fd, offset, seekData);
}

/** First byte at or after `offset` that lies in a hole; the end of the file counts as one; undefined past the end. */
export function nextHole(fd: number, offset: number): number | undefined {
  return seek(fd, offset, seekHole);
}

/**
 * Ends the process without waiting for anything: Node, told to exit, waits for every thread that hangs in a call to a dead network share.
 * Where the C library is not to be had the exit code is that of a kill.
 */
export function exitAtOnce(code: number): void {
  loadLibc().libc?.exit(code);
  process.kill(process.pid, 'SIGKILL');
}

/** Takes an exclusive lock on an open file, held until its last descriptor is closed; false when another holds it. */
export function tryFlock(fd: number): boolean {
  const libc = requireLibc('flock');
  if (libc.flock(fd, lockExclusiveNonBlocking) === 0) {
    return true;
  }
  const error = systemError(libc.errno(), 'flock');
  if (error.code === 'EAGAIN') {
    return false;
  }
  throw error;
}

/**
 * Renames only where nothing is, in one step: throws with code EEXIST. False when system or file system cannot do that, and
 * nothing was done.
 */
export function renameNoReplaceSync(from: Buffer | string, to: Buffer | string): boolean {
  const { libc } = loadLibc();
  if (libc === undefined) {
    return false;
  }
  const source = pathBytesOf(from, pathScratch);
  const target = pathBytesOf(to, secondPathScratch);
  if (libc.renameat2(atCurrentFolder, source, atCurrentFolder, target, renameNoReplace) === 0) {
    return true;
  }
  const error = systemError(libc.errno(), 'renameat2');
  if (error.code === 'EINVAL' || error.code === 'ENOSYS') {
    return false;
  }
  throw error;
}

function seek(fd: number, offset: number, whence: number): number | undefined {
  const { libc } = loadLibc();
  if (libc === undefined) {
    const { size } = fs.fstatSync(fd);
    return offset >= size ? undefined : whence === seekData ? offset : size;
  }
  const position = Number(libc.lseek(fd, offset, whence));
  if (position >= 0) {
    return position;
  }
  const error = systemError(libc.errno(), 'lseek');
  if (error.code === 'ENXIO') {
    return undefined;
  }
  throw error;
}

/** Gives an open file, made without a name (`O_TMPFILE`), its name; throws with code EEXIST where that is taken. */
export function linkOpenFile(fd: number, to: Buffer | string): void {
  const libc = requireLibc('linkat');
  const source = pathBytesOf(fd, pathScratch);
  const target = pathBytesOf(to, secondPathScratch);
  if (libc.linkat(atCurrentFolder, source, atCurrentFolder, target, atSymlinkFollow) !== 0) {
    throw systemError(libc.errno(), 'linkat');
  }
}

/** For descriptors the path under /proc, which the calls that follow links take straight to the open file. */
function pathBytesOf(target: FileTarget, scratch: Buffer): Buffer {
  if (typeof target === 'object') {
    return terminated(target, scratch, 'ENAMETOOLONG');
  }
  const text = typeof target === 'number' ? `/proc/self/fd/${String(target)}` : target;
  return terminated(Buffer.from(text), scratch, 'ENAMETOOLONG');
}

function terminated(bytes: Buffer, scratch: Buffer, tooLong: string): Buffer {
  if (bytes.length >= scratch.length) {
    throw Object.assign(new Error(`${tooLong}: a name of ${String(bytes.length)} bytes is too long`), {
      code: tooLong,
    });
  }
  // A zero byte would end the name for the C library, which then names something else.
  if (bytes.includes(0)) {
    throw Object.assign(new Error('EINVAL: a name holds a zero byte'), { code: 'EINVAL' });
  }
  bytes.copy(scratch);
  scratch[bytes.length] = 0;
  return scratch;
}

function putTime(at: number, ns: bigint): void {
  // The ns part is never negative: times before 1970 are rounded down to the second.
  const part = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  timesScratch[at] = (ns - part) / 1_000_000_000n;
  timesScratch[at + 1] = part;
}

function setTimesByNode(target: FileTarget, atimeNs: bigint, mtimeNs: bigint): void {
  const atime = Number(atimeNs) / 1e9;
  const mtime = Number(mtimeNs) / 1e9;
  if (typeof target === 'number') {
    fs.futimesSync(target, atime, mtime);
  } else {
    fs.lutimesSync(target, atime, mtime);
  }
}

function splitNames(list: Buffer): readonly Buffer[] {
  const names: Buffer[] = [];
  for (let start = 0; start < list.length;) {
    const end = list.indexOf(0, start);
    names.push(list.subarray(start, end));
    start = end + 1;
  }
  return names;
}
