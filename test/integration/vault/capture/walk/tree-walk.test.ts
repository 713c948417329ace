import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FileStat } from '../../../../../main/platform/file-stat.ts';
import { systemError } from '../../../../../main/platform/libc-binding.ts';
import { openDescriptors, walkHere } from '../../../../helpers/direct-walk.ts';
import { tempFolder } from '../../../../helpers/temp-folder.ts';

const errno = { EIO: 5, EACCES: 13 } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Calls `change` after the first look at a name. */
function afterLookAt(name: string, change: () => void): void {
  const lookAt = Reflect.get(FileStat.prototype, 'lookAt');
  let isDone = false;
  vi.spyOn(FileStat.prototype, 'lookAt').mockImplementation(function look(this: FileStat, folder, looked) {
    lookAt.call(this, folder, looked);
    if (!isDone && looked === name) {
      isDone = true;
      change();
    }
  });
}

/** Makes opening a path that ends in `/name` fail. */
function failOpen(name: string, error: keyof typeof errno): void {
  const { openSync } = fs;
  vi.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    if (String(path).endsWith(`/${name}`)) {
      throw systemError(errno[error], 'open');
    }
    return openSync(path, ...rest);
  });
}

describe('TreeWalk', () => {
  it('does not follow a folder that becomes a symlink between look and open', async () => {
    const root = await tempFolder();
    const outside = await tempFolder();
    fs.writeFileSync(join(outside, 'secret'), 'secret');
    fs.mkdirSync(join(root, 'a'));
    afterLookAt('a', () => {
      fs.rmdirSync(join(root, 'a'));
      fs.symlinkSync(outside, join(root, 'a'));
    });
    const { entries, warnings } = walkHere(root);
    expect([...entries.keys()]).toStrictEqual(['', 'a']);
    expect(entries.get('a')).toMatchObject({ kind: 'symlink' });
    expect(warnings).toStrictEqual([]);
  });

  it('does not enter a folder that took the place of another between look and open, before it looked at that', async () => {
    const root = await tempFolder();
    const outside = await tempFolder();
    fs.mkdirSync(join(root, 'a'));
    fs.writeFileSync(join(outside, 'other'), 'x');
    afterLookAt('a', () => {
      fs.rmdirSync(join(root, 'a'));
      fs.renameSync(outside, join(root, 'a'));
    });
    const { entries } = walkHere(root);
    expect(entries.get('a')?.stat.inode).toBe(fs.lstatSync(join(root, 'a'), { bigint: true }).ino);
    expect([...entries.keys()]).toStrictEqual(['', 'a', 'a/other']);
  });

  it('reads the new file when one is renamed over it between look and open', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'a'), 'old');
    fs.writeFileSync(join(root, '0-new'), 'new content');
    afterLookAt('a', () => {
      fs.renameSync(join(root, '0-new'), join(root, 'a'));
    });
    const { entries, warnings } = walkHere(root);
    expect(entries.get('a')?.stat.size).toBe('new content'.length);
    expect(warnings).toStrictEqual([]);
  });

  it('does not open a symlink or wait for a FIFO that took the place of a file', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'a'), 'old');
    afterLookAt('a', () => {
      fs.rmSync(join(root, 'a'));
      fs.symlinkSync('/etc/passwd', join(root, 'a'));
    });
    const { entries } = walkHere(root);
    expect(entries.get('a')).toMatchObject({ kind: 'symlink', target: Buffer.from('/etc/passwd') });
  });

  it('names what may not be read, leaves it out and goes on', async () => {
    const root = await tempFolder();
    fs.mkdirSync(join(root, 'a'));
    fs.writeFileSync(join(root, 'a/in'), 'x');
    fs.writeFileSync(join(root, 'b'), 'x');
    failOpen('a', 'EACCES');
    const { entries, warnings } = walkHere(root);
    expect([...entries.keys()]).toStrictEqual(['', 'b']);
    expect(warnings).toStrictEqual(['unreadable a']);
  });

  it('names a file whose disk fails in the middle, and goes on', async () => {
    const root = await tempFolder();
    fs.writeFileSync(join(root, 'a'), 'x');
    fs.writeFileSync(join(root, 'b'), 'y');
    vi.spyOn(fs, 'readSync').mockImplementationOnce(() => {
      throw systemError(errno.EIO, 'read');
    });
    const { entries, warnings } = walkHere(root);
    expect([...entries.keys()]).toStrictEqual(['', 'b']);
    expect(warnings).toStrictEqual(['unreadable a']);
  });

  it('leaves no descriptor open, whatever fails', async () => {
    const root = await tempFolder();
    fs.mkdirSync(join(root, 'a/b'), { recursive: true });
    fs.writeFileSync(join(root, 'a/c'), 'x');
    const before = openDescriptors();
    walkHere(root);
    failOpen('b', 'EIO');
    walkHere(root);
    expect(openDescriptors()).toBe(before);
  });
});
