import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { setXattr } from '../../platform/libc.ts';

/** Trinity's containers and agents run as this user. */
const trinityUser = 1000;

/** Whether owners can be set; without, everything belongs to whoever makes the sample. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

export function makeFolder(folder: string, mode = 0o755): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, mode);
}

/** Writes a file and the folders above it. */
export function writeBytes(file: string | Buffer, bytes: Uint8Array, mode = 0o644): void {
  if (typeof file === 'string') mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  chmodSync(file, mode);
}

export function writeText(file: string | Buffer, text: string, mode = 0o644): void {
  writeBytes(file, Buffer.from(text), mode);
}

/** A file of `size` bytes, all of it a hole but for one byte string at each of `positions`. */
export function writeSparse(file: string, size: number, positions: readonly number[]): void {
  const fd = openSync(file, 'w', 0o644);
  try {
    ftruncateSync(fd, size);
    for (const position of positions) writeSync(fd, Buffer.from('data in a sparse file'), 0, 21, position);
  } finally {
    closeSync(fd);
  }
}

/** A FIFO; nothing where this machine has no program to make one. */
export function makeFifo(path: string): void {
  try {
    execFileSync('mkfifo', ['-m', '644', path], { stdio: 'ignore' });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** An extended attribute, where the file system and the C library have such a thing. */
export function tagFile(path: string, name: string, value: string): void {
  try {
    setXattr(path, Buffer.from(`user.${name}`), Buffer.from(value));
  } catch (error) {
    if (!hasCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM')) throw error;
  }
}

/** Gives a tree to Trinity's user, as root only; `rootsOwn` are paths that stay root's. */
export function giveToTrinity(folder: string, rootsOwn: ReadonlySet<string> = new Set()): void {
  if (!isRoot()) return;
  giveFileToTrinity(folder);
  giveChildren(Buffer.from(folder), rootsOwn);
}

function giveChildren(folder: Buffer, rootsOwn: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (!rootsOwn.has(path.toString())) giveFileToTrinity(path);
    if (entry.isDirectory()) giveChildren(path, rootsOwn);
  }
}

/** Gives one file or folder to Trinity's user, as root only. */
export function giveFileToTrinity(path: string | Buffer): void {
  if (!isRoot()) return;
  const stat = lstatSync(path);
  lchownSync(path, trinityUser, trinityUser);
  // A new owner takes setuid and setgid off a program.
  if (stat.isFile() && (stat.mode & 0o6000) !== 0) chmodSync(path, stat.mode & 0o7777);
}

/** The path of a name of raw bytes in a folder. */
export function rawPath(folder: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(join(folder, '/')), name]);
}
