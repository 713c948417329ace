import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { TreeSum } from './tree-sum.ts';

/** The sum of the tree in an archive, whose entries lie in a folder that has no part in it. */
export async function sumArchive(archive: Readable): Promise<bigint> {
  const sum = new TreeSum();
  const entries = extract();
  archive.on('error', (error) => entries.destroy(error));
  archive.pipe(entries);
  for await (const entry of entries) {
    let crc = 0;
    let size = 0;
    // Its types say nothing of what it yields.
    for await (const part of entry as AsyncIterable<unknown>) {
      const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
      crc = crc32(bytes, crc);
      size += bytes.length;
    }
    add(sum, entry.header, { crc32: crc, size });
  }
  return sum.after(0n);
}

function add(sum: TreeSum, header: Header, content: Readonly<{ crc32: number; size: number }>): void {
  const { name, type, mode, uid, gid, linkname } = header;
  const [, ...below] = name.split('/').filter((part) => part !== '');
  const path = Buffer.from(below.join('/'));
  const stat = { mode: mode & 0o7777, uid, gid };
  if (type === 'directory') sum.folder(stat, path);
  else if (type === 'symlink') sum.name(path, 'symlink', linkname ?? '');
  else {
    sum.name(path, 'file');
    if (type !== 'link') sum.file({ ...stat, ...content });
  }
}
