import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFolderStorage, openFolderStorage } from '../../../main/storage/folder-storage.ts';
import type { FolderStorage } from '../../../main/storage/folder/folder-storage.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { smallDisk } from '../../helpers/small-disk.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const options = { reserveBytes: 1024 * 1024 };

async function newVault(folder: string): Promise<FolderStorage> {
  const created = await createFolderStorage(folder, options);
  await created.put('vault.json', [Buffer.from('header')]);
  await created.put('index/a', [Buffer.alloc(10)]);
  return await openFolderStorage(folder, options);
}

/** Every call of the interface, as far as it reaches the folder. */
function everyCall(storage: FolderStorage): readonly (readonly [string, () => Promise<unknown>])[] {
  return [
    ['put', async () => await storage.put('index/b', [Buffer.from('x')])],
    ['putIfAbsent', async () => await storage.putIfAbsent('index/b', [Buffer.from('x')])],
    ['read', async () => await storage.read('index/a', 10)],
    ['readRange', async () => await storage.readRange('index/a', 0, 1)],
    ['stat', async () => await storage.stat('index/a')],
    ['list', async () => await storage.list('index/')[Symbol.asyncIterator]().next()],
    ['delete', async () => await storage.delete('index/a')],
    ['now', async () => await storage.now()],
    ['space', async () => await storage.space()],
    ['sweepTemporary', async () => await storage.sweepTemporary()],
    ['releaseReserve', async () => await storage.releaseReserve()],
    ['restoreReserve', async () => await storage.restoreReserve()],
  ];
}

async function expectUnavailable(storage: FolderStorage): Promise<void> {
  for (const [name, call] of everyCall(storage)) {
    expect({ name, error: await rejectionOf(call()) }).toMatchObject({
      name,
      error: { kind: 'unavailable' },
    });
  }
}

describe('a vault whose disk is away', () => {
  it('is unavailable when only the mount point is left, in which nothing is made', async (context) => {
    const disk = await smallDisk(context, 16);
    const storage = await newVault(disk.folder);
    await disk.unmount();
    await expectUnavailable(storage);
    expect(await readdir(disk.folder)).toEqual([]);
  });

  it('is unavailable when its folder is gone or another one is there', async () => {
    const folder = join(await tempFolder(), 'vault');
    const storage = await newVault(folder);
    await rename(folder, `${folder}-away`);
    await expectUnavailable(storage);
    await mkdir(folder);
    await expectUnavailable(storage);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is unavailable to a list that was under way, which would seem to have found all', async () => {
    const folder = join(await tempFolder(), 'vault');
    const storage = await newVault(folder);
    await storage.put('packs/aa/one', [Buffer.alloc(1)]);
    await storage.put('packs/bb/two', [Buffer.alloc(1)]);
    const list = storage.list('packs/')[Symbol.asyncIterator]();
    await list.next();
    await rename(folder, `${folder}-away`);
    const untilEnd = async (): Promise<void> => {
      for (let step = await list.next(); step.done !== true; step = await list.next());
    };
    expect(await rejectionOf(untilEnd())).toMatchObject({ kind: 'unavailable' });
  });

  it('is not mistaken for another vault in its place', async () => {
    const folder = join(await tempFolder(), 'vault');
    const storage = await newVault(folder);
    await rename(folder, `${folder}-away`);
    const other = await createFolderStorage(folder, options);
    await other.put('vault.json', [Buffer.from('another header')]);
    await expect(storage.put('index/b', [Buffer.from('x')])).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is there again when its own header is, whatever number the folder has now', async () => {
    const folder = join(await tempFolder(), 'vault');
    const storage = await newVault(folder);
    await rm(folder, { recursive: true });
    await newVault(folder);
    await storage.put('index/b', [Buffer.from('x')]);
    expect(await storage.read('index/b', 1)).toEqual(Buffer.from('x'));
  });
});
