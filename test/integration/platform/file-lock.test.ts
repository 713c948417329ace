import { readdir, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isFileLocked, tryLockFile } from '../../../main/platform/file-lock.ts';
import { threadEntry } from '../../../main/platform/thread-entry.ts';
import { startChild } from '../../helpers/child-process.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function lockPath(): Promise<string> {
  return join(await tempFolder(), 'engine.lock');
}

describe('tryLockFile', () => {
  it('lets one holder in, also within a process, until it is disposed', async () => {
    const path = await lockPath();
    const first = await tryLockFile(path);
    expect(first).toBeDefined();
    expect(await tryLockFile(path)).toBeUndefined();
    await first?.[Symbol.asyncDispose]();
    await first?.[Symbol.asyncDispose]();
    await using second = await tryLockFile(path);
    expect(second).toBeDefined();
  });

  it('lets one of many in who come at once', async () => {
    const path = await lockPath();
    const locks = await Promise.all(Array.from({ length: 10 }, async () => await tryLockFile(path)));
    expect(locks.filter((lock) => lock !== undefined)).toHaveLength(1);
    await Promise.all(locks.map(async (lock) => await lock?.[Symbol.asyncDispose]()));
  });

  it('ends with its holder, however that dies', async () => {
    const path = await lockPath();
    const child = startChild(threadEntry(import.meta.url, './file-locker.child.ts'), [path]);
    expect(await child.line()).toBe('held');
    expect(await tryLockFile(path)).toBeUndefined();
    expect(await isFileLocked(path)).toBe(true);
    await child.kill();
    expect(await isFileLocked(path)).toBe(false);
    await using lock = await tryLockFile(path);
    expect(lock).toBeDefined();
  });

  it('makes a file for its owner alone, looks young to cleaners, and can go with the lock', async () => {
    const path = await lockPath();
    await writeFile(path, '', { mode: 0o600 });
    await utimes(path, 1, 1);
    const lock = await tryLockFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).mtimeMs).toBeGreaterThan(1000);
    await lock?.removeAndRelease();
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('does not stand on a file that was removed meanwhile', async () => {
    const path = await lockPath();
    await using first = await tryLockFile(path);
    await unlink(path);
    await using second = await tryLockFile(path);
    expect([first, second]).not.toContain(undefined);
    expect(await tryLockFile(path)).toBeUndefined();
  });

  it('lets one holder in at a time while lock files come and go', async () => {
    const path = await lockPath();
    let holders = 0;
    let taken = 0;
    const contend = async (): Promise<void> => {
      for (let round = 0; round < 40; round += 1) {
        const lock = await tryLockFile(path);
        if (lock === undefined) continue;
        taken += 1;
        holders += 1;
        expect(holders).toBe(1);
        await setImmediate();
        holders -= 1;
        await lock.removeAndRelease();
      }
    };
    await Promise.all([contend(), contend(), contend(), contend()]);
    expect(taken).toBeGreaterThan(0);
  });

  it('follows no symlink', async () => {
    const path = await lockPath();
    await symlink('/nonexistent', path);
    await expect(tryLockFile(path)).rejects.toMatchObject({ code: 'ELOOP' });
  });
});

describe('isFileLocked', () => {
  it('is false where there is no file, and makes none', async () => {
    const path = await lockPath();
    expect(await isFileLocked(path)).toBe(false);
    expect(await readdir(join(path, '..'))).toEqual([]);
  });
});
