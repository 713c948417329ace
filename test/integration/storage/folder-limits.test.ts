import { describe, expect, it } from 'vitest';
import { FolderRoot } from '../../../main/storage/folder/folder-root.ts';
import { FolderStorage } from '../../../main/storage/folder/folder-storage.ts';
import { createFolderStorage } from '../../../main/storage/folder-storage.ts';
import { TransferLimits } from '../../../main/storage/transfer-limits.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const megabyte = Buffer.alloc(1_000_000);

/** A folder as it is opened where it lies on a share, or on this machine; time passes only while it waits for the line. */
async function limitedFolder(
  isLocal: boolean,
): Promise<Readonly<{ storage: FolderStorage; sleptMs: () => number }>> {
  const folder = `${await tempFolder()}/vault`;
  const made = await createFolderStorage(folder, { reserveBytes: 1024 });
  await made.put('vault.json', [Buffer.from('{}')]);
  let nowMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
    await Promise.resolve();
  };
  const rates = { uploadBytesPerSecond: 1_000_000, downloadBytesPerSecond: 500_000, parallel: 4 };
  const limits = new TransferLimits(rates, { now: () => nowMs, sleep });
  return {
    storage: new FolderStorage(await FolderRoot.open(folder), isLocal, { limits }),
    sleptMs: () => nowMs,
  };
}

describe('a folder of a network share', () => {
  it('is written to and read at the rates of the line', async () => {
    const { storage, sleptMs } = await limitedFolder(false);
    for (const name of ['packs/aa/1', 'packs/aa/2', 'packs/aa/3']) await storage.put(name, [megabyte]);
    expect(sleptMs()).toBe(2000);
    for (const name of ['packs/aa/1', 'packs/aa/2']) await storage.readRange(name, 0, megabyte.length);
    expect(sleptMs()).toBe(4000);
  });

  it('lets small objects through at once: a heartbeat must not wait for an upload', async () => {
    const { storage, sleptMs } = await limitedFolder(false);
    await storage.put('packs/aa/1', [megabyte]);
    await storage.put('locks/writer-1', [Buffer.alloc(200)]);
    await storage.readRange('packs/aa/1', 0, 100);
    expect(sleptMs()).toBe(0);
  });

  it('is the only kind of folder with limits: a disk of this machine has none', async () => {
    const { storage, sleptMs } = await limitedFolder(true);
    for (const name of ['packs/aa/1', 'packs/aa/2']) await storage.put(name, [megabyte]);
    expect(sleptMs()).toBe(0);
  });
});
