import { pathToFileURL } from 'node:url';
import type { FolderStorageOptions, StorageHook } from './folder/folder-storage.ts';

/**
 * The hook of crash tests, in processes that those start themselves: a module that exports `storageHook`, and `stallLimitMs` where
 * it is to be short. Only where NODE_ENV says that this is a test.
 */
export async function loadTestHook(environment: NodeJS.ProcessEnv): Promise<FolderStorageOptions> {
  const file = environment['TRINITY_BACKUP_TEST_HOOK'];
  if (environment['NODE_ENV'] !== 'test' || file === undefined) return {};
  // What a test's own module exports cannot be checked further than by its name.
  const loaded = (await import(pathToFileURL(file).href)) as Readonly<{
    storageHook: StorageHook;
    stallLimitMs?: number;
  }>;
  const { storageHook: hook, stallLimitMs } = loaded;
  return stallLimitMs === undefined ? { hook } : { hook, stallLimitMs };
}
