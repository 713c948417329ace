import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileStat } from '../../../main/platform/file-stat.ts';
import { loadLibc } from '../../../main/platform/libc-binding.ts';
import { setTimes } from '../../../main/platform/libc.ts';
import { readNames } from '../../../main/platform/read-names.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const second = 1_000_000_000n;
const ways = ['calls of the C library', 'calls of Node'] as const;

/** Runs `body` as on a system whose C library lacks the calls, where `way` says so. */
function by(way: (typeof ways)[number], body: () => void): void {
  const { libc } = loadLibc();
  const kept = { statx: libc?.statx, getdents64: libc?.getdents64 };
  const lacking = way === 'calls of Node' ? { statx: undefined, getdents64: undefined } : {};
  Object.assign(libc ?? {}, lacking);
  try {
    body();
  } finally {
    Object.assign(libc ?? {}, kept);
  }
}

async function folderWith(...names: readonly string[]): Promise<string> {
  const folder = await tempFolder();
  for (const name of names) fs.writeFileSync(Buffer.from(`${folder}/${name}`, 'latin1'), 'content');
  return folder;
}

describe.each(ways)('FileStat by %s', (way) => {
  it('says what Node says of a file, a folder, a symlink and a name that is no text', async () => {
    const folder = await folderWith('file', 'na\xffme');
    fs.linkSync(join(folder, 'file'), join(folder, 'second'));
    fs.symlinkSync('nowhere', join(folder, 'link'));
    const fd = fs.openSync(folder, 'r');
    by(way, () => {
      for (const name of ['file', 'na\xffme', 'link', '.']) {
        const expected = fs.lstatSync(Buffer.from(`${folder}/${name}`, 'latin1'), { bigint: true });
        const stat = new FileStat();
        stat.lookAt(fd, name);
        expect(facts(stat)).toStrictEqual(factsOf(expected));
      }
      expect(FileStat.of(fd).isFolder).toBe(true);
      expect(facts(FileStat.of(fd))).toStrictEqual(factsOf(fs.fstatSync(fd, { bigint: true })));
    });
    fs.closeSync(fd);
  });

  it('keeps every nanosecond of times before and after 1970', async () => {
    const folder = await folderWith('file');
    const fd = fs.openSync(folder, 'r');
    by(way, () => {
      const halfRange = 2n ** 31n * second;
      for (const ns of [
        0n,
        1n,
        -1n,
        -second - 1n,
        1_763_000_000_123_456_789n,
        -halfRange,
        halfRange * 2n + 5n,
      ]) {
        setTimes(join(folder, 'file'), 0n, ns);
        const stat = new FileStat();
        stat.lookAt(fd, 'file');
        expect(stat.mtimeNs).toBe(fs.lstatSync(join(folder, 'file'), { bigint: true }).mtimeNs);
        expect(stat.isTimeKept).toBe(true);
      }
    });
    fs.closeSync(fd);
  });

  it('takes the nearest time, and says so, where a file system has one that 64 bits of ns do not hold', async () => {
    const folder = await folderWith('file');
    const file = join(folder, 'file');
    setTimes(file, 0n, 9_300_000_000n * second);
    const fd = fs.openSync(folder, 'r');
    by(way, () => {
      const stat = new FileStat();
      stat.lookAt(fd, 'file');
      const isHeld = fs.lstatSync(file, { bigint: true }).mtimeNs >= 2n ** 63n;
      expect(stat.isTimeKept).toBe(!isHeld);
      if (isHeld) expect(stat.mtimeNs).toBe(2n ** 63n - 1n);
    });
    fs.closeSync(fd);
  });

  it('throws the error of the system with its code, when a name is not there', async () => {
    const fd = fs.openSync(await tempFolder(), 'r');
    by(way, () => {
      expect(() => new FileStat().lookAt(fd, 'gone')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    });
    fs.closeSync(fd);
  });
});

describe.each(ways)('readNames by %s', (way) => {
  it('gives each name of a large folder once, without the folder itself and the one above', async () => {
    // Long after short ones: what is left of a longer name stands behind a shorter one.
    const names = Array.from({ length: 3000 }, (_, index) => `${String(index)}-${'x'.repeat(index % 200)}`);
    const folder = await folderWith(...names, '\xe4\xff');
    const fd = fs.openSync(folder, 'r');
    by(way, () => {
      const read = [...readNames(fd)].flat();
      expect(read.toSorted()).toStrictEqual([...names, '\xe4\xff'].toSorted());
    });
    fs.closeSync(fd);
  });
});

function facts(stat: FileStat): Readonly<Record<string, bigint | boolean>> {
  return {
    mode: BigInt(stat.mode),
    nlink: BigInt(stat.nlink),
    uid: BigInt(stat.uid),
    gid: BigInt(stat.gid),
    size: BigInt(stat.size),
    blocks: BigInt(stat.blocks),
    inode: (BigInt(stat.inodeHigh) << 32n) | BigInt(stat.inodeLow),
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    birthNs: (BigInt(stat.birthHigh) << 32n) | BigInt(stat.birthLow),
    isFolder: stat.isFolder,
    isFile: stat.isFile,
    isSymlink: stat.isSymlink,
  };
}

function factsOf(stat: fs.BigIntStats): Readonly<Record<string, bigint | boolean>> {
  return {
    mode: stat.mode,
    nlink: stat.nlink,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    blocks: stat.blocks,
    inode: stat.ino,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    birthNs: stat.birthtimeNs,
    isFolder: stat.isDirectory(),
    isFile: stat.isFile(),
    isSymlink: stat.isSymbolicLink(),
  };
}
