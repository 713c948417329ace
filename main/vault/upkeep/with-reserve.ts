import type { Storage } from '../../storage/storage.ts';

/** Below this much free space marks and manifests of the trash may not fit any more. */
const tightBytes = 64 * 1024 * 1024;

/** Runs what makes room; on a full disk the reserve is given back first, and taken again after. */
export async function withReserve<Result>(storage: Storage, act: () => Promise<Result>): Promise<Result> {
  const space = await storage.space();
  if (space === undefined || space.freeBytes >= tightBytes) return await act();
  await storage.releaseReserve();
  try {
    return await act();
  } finally {
    await storage.restoreReserve();
  }
}
