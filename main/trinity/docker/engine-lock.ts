import { tryLockMachine } from '../../platform/machine-lock.ts';

/**
 * The one lock of a Docker engine, by `EngineFacts.id`, for whoever pauses, stops or restores its containers: two homes, also of two
 * users, would else start what the other has stopped. Undefined when it is held; it ends with the process.
 */
export async function tryLockEngine(engineId: string): Promise<AsyncDisposable | undefined> {
  return await tryLockMachine(`docker-engine:${engineId}`);
}
