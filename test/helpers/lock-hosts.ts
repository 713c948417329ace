import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolderStorage, openFolderStorage } from '../../main/storage/folder-storage.ts';
import type { FolderStorage } from '../../main/storage/folder/folder-storage.ts';
import type { StorageHook } from '../../main/storage/storage-hook.ts';
import type { LockRequest } from '../../main/vault/locks/writer-lock.ts';
import { tempFolder } from './temp-folder.ts';

export interface LockHosts {
  readonly folder: string;
  readonly storage: FolderStorage;
  /** What a process on the host of this letter asks with; hosts have folders of their own for their locks. */
  request(host: 'a' | 'b', hook?: StorageHook): Promise<LockRequest>;
  hostLockFolder(host: 'a' | 'b'): string;
  /** Names in `locks/`, sorted. */
  lockNames(): Promise<readonly string[]>;
  /** Makes a record look as old as this. */
  age(name: string, ms: number): Promise<void>;
}

export const lockVaultId = 'a'.repeat(32);

/** A vault in a new folder, and two hosts that lock it. */
export async function lockHosts(): Promise<LockHosts> {
  const base = await tempFolder();
  const folder = join(base, 'vault');
  const storage = await createFolderStorage(folder, { reserveBytes: 1024 });
  await storage.put('vault.json', [Buffer.from('header')]);
  const hostLockFolder = (host: 'a' | 'b'): string => join(base, `host-${host}`);
  return {
    folder,
    storage,
    hostLockFolder,
    request: async (host, hook) => ({
      storage: hook === undefined ? storage : await openFolderStorage(folder, { hook, reserveBytes: 1024 }),
      vaultId: lockVaultId,
      hostHash: (host === 'a' ? 'b' : 'c').repeat(32),
      hostLockFolder: hostLockFolder(host),
      purpose: 'backup',
    }),
    lockNames: async () => {
      const names: string[] = [];
      for await (const { name } of storage.list('locks/')) names.push(name);
      return names.toSorted();
    },
    age: async (name, ms) => {
      const time = new Date(Date.now() - ms);
      await utimes(join(folder, name), time, time);
    },
  };
}
