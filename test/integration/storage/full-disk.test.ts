import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFolderStorage, openFolderStorage } from '../../../main/storage/folder-storage.ts';
import type { FolderStorage } from '../../../main/storage/folder/folder-storage.ts';
import { smallDisk } from '../../helpers/small-disk.ts';

const mebibyte = 1024 * 1024;
const options = { reserveBytes: 2 * mebibyte };

async function newVault(folder: string): Promise<FolderStorage> {
  const created = await createFolderStorage(folder, options);
  await created.put('vault.json', [Buffer.from('header')]);
  return await openFolderStorage(folder, options);
}

async function fill(storage: FolderStorage): Promise<void> {
  for (let at = 0; at < 1000; at += 1) await storage.put(`packs/${String(at)}`, [Buffer.alloc(mebibyte)]);
}

describe('a vault on a full disk', () => {
  it('says so and keeps nothing of what did not fit', async (context) => {
    const disk = await smallDisk(context, 8);
    const storage = await newVault(disk.folder);
    await expect(fill(storage)).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no room left'),
      details: { code: 'ENOSPC' },
    });
    expect(await readdir(join(disk.folder, 'tmp'))).toEqual([]);
    const names = await readdir(join(disk.folder, 'packs'));
    for (const name of names) expect((await storage.stat(`packs/${name}`))?.size).toBe(mebibyte);
    expect(names.length).toBeGreaterThan(1);
  });

  it('can be written again when the reserve is given back, which is not taken before there is room for it', async (context) => {
    const disk = await smallDisk(context, 8);
    const storage = await newVault(disk.folder);
    await expect(fill(storage)).rejects.toMatchObject({ details: { code: 'ENOSPC' } });
    await storage.releaseReserve();
    await storage.put('trash/a', [Buffer.alloc(mebibyte)]);
    await storage.restoreReserve();
    expect(await readdir(disk.folder)).not.toContain('reserve');
    for (let at = 0; at < 4; at += 1) await storage.delete(`packs/${String(at)}`);
    await storage.restoreReserve();
    expect(await readdir(disk.folder)).toContain('reserve');
    expect(await storage.space()).toMatchObject({ totalBytes: 8 * mebibyte });
  });

  it('has no reserve where none fits', async (context) => {
    const disk = await smallDisk(context, 2);
    const created = await createFolderStorage(disk.folder, options);
    expect(await readdir(disk.folder)).toEqual(['tmp']);
    await expect(created.put('vault.json', [Buffer.alloc(4 * mebibyte)])).rejects.toMatchObject({
      kind: 'failed',
    });
  });
});

describe('a vault on a read-only disk', () => {
  it('is read, and says why it cannot be written', async (context) => {
    const disk = await smallDisk(context, 8);
    const storage = await newVault(disk.folder);
    await disk.makeReadOnly();
    const opened = await openFolderStorage(disk.folder);
    expect(await opened.read('vault.json', 10)).toEqual(Buffer.from('header'));
    const writes = [
      async () => await storage.put('a', [Buffer.from('x')]),
      async () => await storage.delete('vault.json'),
      async () => await storage.now(),
    ];
    for (const write of writes) {
      await expect(write()).rejects.toMatchObject({ kind: 'failed', details: { code: 'EROFS' } });
    }
  });
});
