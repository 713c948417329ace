import { execFile } from 'node:child_process';
import { lstat, mkdir, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createFolderStorage, openFolderStorage } from '../../../main/storage/folder-storage.ts';
import type { FolderStorage } from '../../../main/storage/folder/folder-storage.ts';
import type { Storage } from '../../../main/storage/storage.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const options = { reserveBytes: 1024 * 1024 };

async function newStorage(): Promise<Readonly<{ folder: string; storage: FolderStorage }>> {
  const folder = join(await tempFolder(), 'vault');
  const created = await createFolderStorage(folder, options);
  await created.put('vault.json', [Buffer.from('header')]);
  return { folder, storage: await openFolderStorage(folder, options) };
}

async function namesIn(storage: Storage, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list(prefix)) names.push(name);
  return names.toSorted();
}

describe('createFolderStorage', () => {
  it('makes a private folder, its parents and a reserve, and only that', async () => {
    const folder = join(await tempFolder(), 'a/b');
    await createFolderStorage(folder, options);
    expect((await readdir(folder)).toSorted()).toEqual(['reserve', 'tmp']);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'reserve'))).size).toBe(options.reserveBytes);
  });

  it('goes on where a killed init stopped', async () => {
    const folder = await tempFolder();
    await createFolderStorage(folder, options);
    await expect(createFolderStorage(folder, options)).resolves.toBeDefined();
  });

  it.each(['vault.json', 'packs', 'holiday.jpg'])('refuses a folder in which %s lies', async (name) => {
    const folder = await tempFolder();
    await writeFile(join(folder, name), '');
    await expect(createFolderStorage(folder)).rejects.toMatchObject({ kind: 'usage' });
    expect(await readdir(folder)).toEqual([name]);
  });

  it('says so when a file is in the way', async () => {
    const file = join(await tempFolder(), 'file');
    await writeFile(file, '');
    await expect(createFolderStorage(file)).rejects.toMatchObject({
      kind: 'failed',
      details: { code: 'EEXIST' },
    });
    await expect(createFolderStorage(join(file, 'x'))).rejects.toMatchObject({
      details: { code: 'ENOTDIR' },
    });
  });
});

describe('openFolderStorage', () => {
  it('is unavailable without a header there, and makes nothing', async () => {
    const folder = await tempFolder();
    await expect(openFolderStorage(folder)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(openFolderStorage(join(folder, 'x'))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(openFolderStorage(folder, { absentKind: 'not-found' })).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes the copy of the header where the header itself is lost', async () => {
    const { folder, storage } = await newStorage();
    await storage.put('vault-copy.json', [Buffer.from('header')]);
    await storage.delete('vault.json');
    const opened = await openFolderStorage(folder);
    await expect(opened.put('vault.json', [Buffer.from('header')])).resolves.toBeUndefined();
  });
});

describe('FolderStorage', () => {
  it('keeps objects as private files, whole or in ranges', async () => {
    const { folder, storage } = await newStorage();
    await storage.put('packs/ab/one', [Buffer.from('01234'), Buffer.from('56789')]);
    expect(await storage.read('packs/ab/one', 10)).toEqual(Buffer.from('0123456789'));
    expect(await storage.readRange('packs/ab/one', 3, 4)).toEqual(Buffer.from('3456'));
    expect(await storage.stat('packs/ab/one')).toMatchObject({ name: 'packs/ab/one', size: 10 });
    expect((await lstat(join(folder, 'packs/ab/one'))).mode & 0o777).toBe(0o600);
    expect((await lstat(join(folder, 'packs/ab'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('replaces by put and leaves alone by putIfAbsent what is there', async () => {
    const { folder, storage } = await newStorage();
    expect(await storage.putIfAbsent('locks/a', [Buffer.from('1')])).toBe(true);
    expect(await storage.putIfAbsent('locks/a', [Buffer.from('2')])).toBe(false);
    expect(await readFile(join(folder, 'locks/a'), 'utf8')).toBe('1');
    await storage.put('locks/a', [Buffer.from('3')]);
    expect(await readFile(join(folder, 'locks/a'), 'utf8')).toBe('3');
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('lets one of many through who put the same name where nothing is', async () => {
    const { storage } = await newStorage();
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_item, at) => await storage.putIfAbsent('locks/a', [Buffer.of(at)])),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect((await storage.read('locks/a', 1))[0]).toBe(results.indexOf(true));
  });

  it('says what is missing, too large or too short', async () => {
    const { folder, storage } = await newStorage();
    await storage.put('index/a', [Buffer.alloc(100)]);
    await expect(storage.read('index/b', 10)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(storage.read('index/a', 99)).rejects.toMatchObject({
      kind: 'failed',
      details: { tooLarge: true },
    });
    await truncate(join(folder, 'index/a'), 50);
    await expect(storage.readRange('index/a', 40, 11)).rejects.toMatchObject({ kind: 'damaged' });
    await expect(storage.readRange('index/a', 0, 2 ** 45)).rejects.toMatchObject({ kind: 'damaged' });
    expect(await storage.stat('index/b')).toBeUndefined();
  });

  it('deletes, and takes what is not there as deleted', async () => {
    const { storage } = await newStorage();
    await storage.put('index/a', [Buffer.alloc(1)]);
    await storage.delete('index/a');
    await storage.delete('index/a');
    await storage.delete('nothing/of/this');
    expect(await storage.stat('index/a')).toBeUndefined();
  });

  it('lists below a prefix, and leaves out what is not its own', async () => {
    const { folder, storage } = await newStorage();
    const names = Array.from({ length: 200 }, (_item, at) => `packs/${String(at % 3)}a/${String(at)}`);
    for (const name of names) await storage.put(name, [Buffer.alloc(3)]);
    await storage.put('index/a', [Buffer.alloc(1)]);
    await writeFile(join(folder, 'packs/.DS_Store'), '');
    await writeFile(join(folder, 'packs/Thumbs.db'), '');
    await symlink(join(folder, 'index/a'), join(folder, 'packs/link'));
    await symlink(join(folder, 'index'), join(folder, 'packs/folder-link'));
    await promisify(execFile)('mkfifo', [join(folder, 'packs/fifo')]);
    expect(await namesIn(storage, 'packs/')).toEqual(names.toSorted());
    expect(await namesIn(storage, 'packs/1a/')).toHaveLength(67);
    expect(await namesIn(storage, 'backups/')).toEqual([]);
    expect(await namesIn(storage, '')).toEqual([...names, 'index/a', 'vault.json'].toSorted());
  });

  it('may be left in the middle of a list', async () => {
    const { storage } = await newStorage();
    for (let at = 0; at < 100; at += 1) await storage.put(`index/${String(at)}`, [Buffer.alloc(1)]);
    for await (const { name } of storage.list('index/')) {
      expect(name).toMatch(/^index\//);
      break;
    }
    await rm(join(storage.location, 'index'), { recursive: true });
    expect(await namesIn(storage, 'index/')).toEqual([]);
  });

  it('follows no symlink, whether it reads, writes or deletes', async () => {
    const { folder, storage } = await newStorage();
    const outside = await tempFolder();
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(join(outside, 'secret'), join(folder, 'object'));
    await symlink(outside, join(folder, 'packs'));
    await expect(storage.read('object', 10)).rejects.toMatchObject({ kind: 'damaged' });
    expect(await storage.stat('object')).toBeUndefined();
    await storage.put('object', [Buffer.from('new')]);
    await expect(storage.put('packs/x', [Buffer.from('x')])).rejects.toMatchObject({ kind: 'damaged' });
    await expect(storage.delete('packs/secret')).rejects.toMatchObject({ kind: 'damaged' });
    await expect(namesIn(storage, 'packs/')).rejects.toMatchObject({ kind: 'damaged' });
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('waits for nobody at a FIFO that lies in the place of an object', async () => {
    const { folder, storage } = await newStorage();
    await promisify(execFile)('mkfifo', [join(folder, 'object')]);
    await expect(storage.read('object', 10)).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('makes its folder for temporary files anew, which copies of a vault may lack', async () => {
    const { folder, storage } = await newStorage();
    await rm(join(folder, 'tmp'), { recursive: true });
    await storage.put('index/a', [Buffer.from('x')]);
    await storage.sweepTemporary();
    expect(await namesIn(storage, 'index/')).toEqual(['index/a']);
  });

  it('goes by the clock of its file system', async () => {
    const { folder, storage } = await newStorage();
    await writeFile(join(folder, 'before'), '');
    const now = await storage.now();
    await writeFile(join(folder, 'after'), '');
    expect(now).toBeGreaterThanOrEqual(Math.floor((await stat(join(folder, 'before'))).mtimeMs));
    expect(now).toBeLessThanOrEqual((await stat(join(folder, 'after'))).mtimeMs);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('does nothing when it is cancelled before', async () => {
    const { folder, storage } = await newStorage();
    const cancelled = { signal: AbortSignal.abort() };
    await expect(storage.put('index/a', [Buffer.from('x')], cancelled)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await expect(storage.delete('vault.json', cancelled)).rejects.toMatchObject({ kind: 'cancelled' });
    expect((await readdir(folder)).toSorted()).toEqual(['reserve', 'tmp', 'vault.json']);
  });

  it('gives up a call that hangs, which then changes nothing any more', async () => {
    const { folder } = await newStorage();
    let goOn: () => void = () => undefined;
    const hook = async (): Promise<void> =>
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    const storage = await openFolderStorage(folder, { stallLimitMs: 50, hook });
    await expect(storage.put('late', [Buffer.from('x')])).rejects.toMatchObject({ kind: 'unavailable' });
    goOn();
    const reader = await openFolderStorage(folder);
    // Each of these takes longer than the late write would have needed.
    for (let at = 0; at < 5; at += 1) await reader.put('other', [Buffer.from('x')]);
    expect(await reader.stat('late')).toBeUndefined();
  });
});

describe('the reserve', () => {
  it('is given back and taken again', async () => {
    const { folder, storage } = await newStorage();
    await storage.releaseReserve();
    await storage.releaseReserve();
    expect((await readdir(folder)).toSorted()).toEqual(['tmp', 'vault.json']);
    await storage.restoreReserve();
    await storage.restoreReserve();
    expect((await stat(join(folder, 'reserve'))).size).toBe(options.reserveBytes);
  });

  it('is made whole again where it is cut short', async () => {
    const { folder, storage } = await newStorage();
    await truncate(join(folder, 'reserve'), 10);
    await mkdir(join(folder, 'index'));
    await storage.restoreReserve();
    expect((await stat(join(folder, 'reserve'))).size).toBe(options.reserveBytes);
  });
});
