import type { StorageOperation } from '../../main/storage/storage-hook.ts';
import { storageError } from '../../main/storage/storage-error.ts';
import type { Storage } from '../../main/storage/storage.ts';
import { planCalls } from './call-plan.ts';
import type { CallPlan } from './call-plan.ts';

export type FaultyStorage = Readonly<{ storage: Storage; count: () => number }>;

/** Any storage with planned faults: the error is the one that a folder storage makes of the system's. */
export function createFaultyStorage(inner: Storage, plan: CallPlan): FaultyStorage {
  const { count, hook } = planCalls(plan);
  const around = async <Result>(
    operation: StorageOperation,
    name: string,
    run: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      await hook({ operation, name, moment: 'before' });
    } catch (error) {
      throw storageError(error, { place: inner.location, what: name });
    }
    const result = await run();
    await hook({ operation, name, moment: 'after' });
    return result;
  };
  const storage: Storage = {
    location: inner.location,
    isLocal: inner.isLocal,
    put: (name, parts, options) => around('put', name, () => inner.put(name, parts, options)),
    putIfAbsent: (name, parts, options) =>
      around('putIfAbsent', name, () => inner.putIfAbsent(name, parts, options)),
    read: (name, maxBytes, options) => around('read', name, () => inner.read(name, maxBytes, options)),
    readRange: (name, offset, length, options) =>
      around('readRange', name, () => inner.readRange(name, offset, length, options)),
    stat: (name, options) => around('stat', name, () => inner.stat(name, options)),
    async *list(prefix, options) {
      await around('list', prefix, () => Promise.resolve());
      yield* inner.list(prefix, options);
    },
    delete: (name, options) => around('delete', name, () => inner.delete(name, options)),
    now: (options) => around('now', '', () => inner.now(options)),
    space: (options) => around('space', '', () => inner.space(options)),
    releaseReserve: () => around('delete', 'reserve', () => inner.releaseReserve()),
    restoreReserve: () => around('put', 'reserve', () => inner.restoreReserve()),
    sweepTemporary: (options) => around('sweep', '', async () => await inner.sweepTemporary?.(options)),
  };
  return { storage, count };
}
