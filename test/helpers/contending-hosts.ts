import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LockRequest } from '../../main/vault/locks/writer-lock.ts';
import { takeWriterLock } from '../../main/vault/locks/writer-lock.ts';
import type { Storage } from '../../main/storage/storage.ts';
import { lockVaultId } from './lock-hosts.ts';
import { tempFolder } from './temp-folder.ts';

export type LockHost = 'a' | 'b';

/** What a process of its own asks with, on a host of this letter. */
export async function lockRequestOf(
  open: () => Promise<Storage>,
  host: LockHost,
  folder: string,
): Promise<LockRequest> {
  return {
    storage: await open(),
    vaultId: lockVaultId,
    hostHash: (host === 'a' ? 'b' : 'c').repeat(32),
    hostLockFolder: `${folder}/${host}`,
    purpose: 'backup',
  };
}

/** Three processes on two hosts race for the lock of a vault: each gets it, and never two at a time. */
export async function expectOneHolder(open: () => Promise<Storage>): Promise<void> {
  const folder = await tempFolder();
  let holders = 0;
  let taken = 0;
  const contend = async (host: LockHost): Promise<void> => {
    const request = await lockRequestOf(open, host, folder);
    await using lock = await takeWriterLock({ ...request, waitMs: 240_000 });
    await lock.assertHeld();
    holders += 1;
    expect(holders).toBe(1);
    await delay(20);
    await lock.assertHeld();
    holders -= 1;
    taken += 1;
  };
  await Promise.all((['a', 'b', 'b'] as const).map(contend));
  expect(taken).toBe(3);
}
