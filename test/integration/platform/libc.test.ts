import fs from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  getXattr,
  libcProblem,
  linkOpenFile,
  listXattrs,
  nextData,
  nextHole,
  removeXattr,
  renameNoReplaceSync,
  setTimes,
  setXattr,
  syncFileSystem,
} from '../../../main/platform/libc.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const unnamedFile = 0x400000 | fs.constants.O_DIRECTORY;
const pathOnly = 0x200000;

async function newFile(): Promise<string> {
  const file = join(await tempFolder(), 'file');
  await writeFile(file, 'content');
  return file;
}

function withOpen<Result>(file: string, flags: number, run: (fd: number) => Result): Result {
  const fd = fs.openSync(file, flags);
  try {
    return run(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function mtimeOf(file: string): bigint {
  return fs.lstatSync(file, { bigint: true }).mtimeNs;
}

describe('libc', () => {
  it('can be reached', () => {
    expect(libcProblem()).toBeUndefined();
  });
});

describe('setTimes', () => {
  it.each([1n, 1_767_225_600_123_456_789n, 4_102_444_800_999_999_999n, -1n, -1_500_000_001n])(
    'keeps every nanosecond of %d',
    async (time) => {
      const file = await newFile();
      setTimes(Buffer.from(file), time, time);
      const { atimeNs, mtimeNs } = fs.statSync(file, { bigint: true });
      expect([atimeNs, mtimeNs]).toEqual([time, time]);
    },
  );

  it('sets the times of a symlink, not of what it leads to', async () => {
    const file = await newFile();
    setTimes(file, 5n, 5n);
    await symlink(file, `${file}-link`);
    setTimes(`${file}-link`, 7n, 7n);
    expect([mtimeOf(file), mtimeOf(`${file}-link`)]).toEqual([5n, 7n]);
  });

  it('takes open descriptors, also such as only hold a place', async () => {
    const file = await newFile();
    withOpen(file, fs.constants.O_RDONLY, (fd) => setTimes(fd, 1n, 11n));
    expect(mtimeOf(file)).toBe(11n);
    withOpen(file, pathOnly, (fd) => setTimes(fd, 1n, 12n));
    expect(mtimeOf(file)).toBe(12n);
  });

  it('names the error as Node does', () => {
    expect(() => setTimes('/nonexistent/x', 1n, 1n)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => setTimes('/tmp\0/x', 1n, 1n)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(() => setTimes(`/${'x/'.repeat(3000)}`, 1n, 1n)).toThrow(
      expect.objectContaining({ code: 'ENAMETOOLONG' }),
    );
  });
});

describe('extended attributes', () => {
  it('are set, listed, read and removed, with any bytes', async () => {
    const file = await newFile();
    const value = Buffer.from([0, 255, 10]);
    expect(listXattrs(file)).toEqual([]);
    setXattr(file, Buffer.from('user.one'), value);
    setXattr(file, Buffer.from('user.\xff', 'latin1'), Buffer.alloc(0));
    expect(
      listXattrs(file)
        .map((name) => name.toString('latin1'))
        .toSorted(),
    ).toEqual(['user.one', 'user.\xff']);
    expect(getXattr(file, Buffer.from('user.one'))).toEqual(value);
    expect(getXattr(file, Buffer.from('user.\xff', 'latin1'))).toEqual(Buffer.alloc(0));
    expect(getXattr(file, Buffer.from('user.two'))).toBeUndefined();
    removeXattr(file, Buffer.from('user.one'));
    removeXattr(file, Buffer.from('user.one'));
    expect(getXattr(file, Buffer.from('user.one'))).toBeUndefined();
  });

  it('of a symlink are not those of what it leads to', async () => {
    const file = await newFile();
    await symlink(file, `${file}-link`);
    setXattr(file, Buffer.from('user.one'), Buffer.from('1'));
    expect(listXattrs(`${file}-link`)).toEqual([]);
    expect(getXattr(`${file}-link`, Buffer.from('user.one'))).toBeUndefined();
  });

  it('are reached through open descriptors, also such as only hold a place', async () => {
    const file = await newFile();
    withOpen(file, fs.constants.O_RDONLY, (fd) => setXattr(fd, Buffer.from('user.one'), Buffer.from('1')));
    withOpen(file, pathOnly, (fd) => {
      expect(listXattrs(fd).map(String)).toEqual(['user.one']);
      expect(getXattr(fd, Buffer.from('user.one'))).toEqual(Buffer.from('1'));
      removeXattr(fd, Buffer.from('user.one'));
    });
    expect(listXattrs(file)).toEqual([]);
  });
});

describe('nextData and nextHole', () => {
  it('find the data of a sparse file', async () => {
    const file = join(await tempFolder(), 'sparse');
    const mebibyte = 1024 * 1024;
    const fd = fs.openSync(file, 'w+');
    fs.writeSync(fd, Buffer.alloc(4096, 1), 0, 4096, 8 * mebibyte);
    fs.ftruncateSync(fd, 16 * mebibyte);
    expect(nextData(fd, 0)).toBe(8 * mebibyte);
    expect(nextHole(fd, 8 * mebibyte)).toBe(8 * mebibyte + 4096);
    expect(nextData(fd, 9 * mebibyte)).toBeUndefined();
    expect(nextHole(fd, 20 * mebibyte)).toBeUndefined();
    fs.closeSync(fd);
  });
});

describe('renameNoReplaceSync', () => {
  it('renames files and folders only where nothing is', async () => {
    const file = await newFile();
    await mkdir(`${file}-folder`);
    await symlink('/nonexistent', `${file}-link`);
    for (const taken of [`${file}-folder`, `${file}-link`]) {
      expect(() => renameNoReplaceSync(file, taken)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    }
    expect(renameNoReplaceSync(`${file}-folder`, `${file}-moved`)).toBe(true);
    expect(fs.statSync(`${file}-moved`).isDirectory()).toBe(true);
  });
});

describe('linkOpenFile', () => {
  it('names a file that was made without a name, unless the name is taken', async () => {
    const folder = await tempFolder();
    withOpen(folder, unnamedFile | fs.constants.O_WRONLY, (fd) => {
      fs.writeSync(fd, 'content');
      linkOpenFile(fd, join(folder, 'named'));
      expect(() => linkOpenFile(fd, join(folder, 'named'))).toThrow(
        expect.objectContaining({ code: 'EEXIST' }),
      );
    });
    expect(fs.readFileSync(join(folder, 'named'), 'utf8')).toBe('content');
  });
});

describe('syncFileSystem', () => {
  it('takes an open descriptor', async () => {
    const file = await newFile();
    withOpen(file, fs.constants.O_RDONLY, (fd) => expect(() => syncFileSystem(fd)).not.toThrow());
    expect(() => syncFileSystem(9999)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});
