import { pathToFileURL } from 'node:url';
import type { Settle } from './s3/objects/new-objects.ts';
import type { StorageHook } from './storage-hook.ts';

/** What a crash test sets in processes that it starts. */
export type TestHook = Readonly<{
  hook?: StorageHook;
  stallLimitMs?: number;
  settle?: Settle;
  /** The first pause before something is tried again. */
  firstPauseMs?: number;
}>;

/**
 * The hook of crash tests, in processes that those start themselves: a module that exports `storageHook`, and limits where they are to
 * be short. Only where NODE_ENV says that this is a test.
 */
export async function loadTestHook(environment: NodeJS.ProcessEnv): Promise<TestHook> {
  const file = environment['TRINITY_BACKUP_TEST_HOOK'];
  if (environment['NODE_ENV'] !== 'test' || file === undefined) return {};
  // What a test's own module exports cannot be checked further than by its name.
  const loaded = (await import(pathToFileURL(file).href)) as Readonly<{
    storageHook: StorageHook;
    stallLimitMs?: number;
    settle?: Settle;
    firstPauseMs?: number;
  }>;
  const { storageHook: hook, stallLimitMs, settle, firstPauseMs } = loaded;
  return {
    hook,
    ...(stallLimitMs === undefined ? {} : { stallLimitMs }),
    ...(settle === undefined ? {} : { settle }),
    ...(firstPauseMs === undefined ? {} : { firstPauseMs }),
  };
}
