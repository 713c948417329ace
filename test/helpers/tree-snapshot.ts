import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { getXattr, listXattrs } from '../../main/platform/libc.ts';
import { pathText } from '../../main/platform/path-text.ts';

/** Everything that a restore has to bring back of one path, as text to compare. */
export type TreeSnapshot = Readonly<Record<string, string>>;

/**
 * Kind, mode, owner, mtime (ns), links, xattrs and content of a folder and all it holds, by shown path. `leaveOut` is asked for
 * each path.
 */
export function snapshotTree(
  folder: string,
  leaveOut: (path: string) => boolean = () => false,
): TreeSnapshot {
  const found: Record<string, string> = {};
  const firstNames = new Map<string, string>();
  const visit = (file: Buffer, path: string): void => {
    if (leaveOut(path)) return;
    const stat = fs.lstatSync(file, { bigint: true });
    const common = `${(stat.mode & 0o7777n).toString(8)} ${String(stat.uid)}:${String(stat.gid)} ${String(stat.mtimeNs)}`;
    found[path] = `${kindOf(file, stat, path, firstNames)} ${common}${xattrsOf(file)}`;
    if (!stat.isDirectory()) return;
    for (const name of fs
      .readdirSync(file, { encoding: 'buffer' })
      .toSorted((one, other) => one.compare(other))) {
      visit(
        Buffer.concat([file, Buffer.from('/'), name]),
        path === '' ? pathText(name) : `${path}/${pathText(name)}`,
      );
    }
  };
  visit(Buffer.from(folder), '');
  return found;
}

function kindOf(file: Buffer, stat: fs.BigIntStats, path: string, firstNames: Map<string, string>): string {
  if (stat.isDirectory()) return 'folder';
  if (stat.isSymbolicLink()) return `link ${pathText(fs.readlinkSync(file, { encoding: 'buffer' }))}`;
  if (!stat.isFile()) return 'special';
  const inode = `${String(stat.dev)}:${String(stat.ino)}`;
  const first = firstNames.get(inode);
  firstNames.set(inode, first ?? path);
  if (stat.nlink > 1n && first !== undefined) return `hard link to ${first}`;
  return `file ${String(stat.size)} ${createHash('sha256').update(fs.readFileSync(file)).digest('hex')}`;
}

function xattrsOf(file: Buffer): string {
  const names = listXattrs(file)
    .map((name) => name.toString())
    .toSorted();
  return names.map((name) => ` ${name}=${getXattr(file, Buffer.from(name))?.toString('hex') ?? ''}`).join('');
}
