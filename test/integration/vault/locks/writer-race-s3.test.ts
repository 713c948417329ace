import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LockRequest } from '../../../../main/vault/locks/writer-lock.ts';
import { takeWriterLock } from '../../../../main/vault/locks/writer-lock.ts';
import type { MemoryS3Options } from '../../../fakes/s3/memory-s3.ts';
import { lockVaultId } from '../../../helpers/lock-hosts.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { fakeS3 } from '../../../helpers/s3-storage.ts';
import type { FakeS3 } from '../../../helpers/s3-storage.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const firstLock = 'trinity/locks/writer-000000000001';

/** What a process of its own asks with, on a host of this letter. */
async function requestOf(s3: FakeS3, host: 'a' | 'b', folder: string): Promise<LockRequest> {
  return {
    storage: await s3.open(),
    vaultId: lockVaultId,
    hostHash: (host === 'a' ? 'b' : 'c').repeat(32),
    hostLockFolder: `${folder}/${host}`,
    purpose: 'backup',
  };
}

describe.each<readonly [string, MemoryS3Options]>([
  ['knows conditional PUT', { conditions: 'known' }],
  ['refuses conditional PUT', { conditions: 'unknown' }],
  ['ignores conditions', { conditions: 'ignored' }],
  ['has lists that lag behind', { conditions: 'known', listLag: 3 }],
])('two hosts at a vault on S3 that %s', (_name, store) => {
  it('never both hold the lock', async () => {
    const s3 = await fakeS3(store, { settle: { waitMs: 2000, slowMs: 1000 } });
    const folder = await tempFolder();
    let holders = 0;
    let taken = 0;
    const contend = async (host: 'a' | 'b'): Promise<void> => {
      const request = await requestOf(s3, host, folder);
      await using lock = await takeWriterLock({ ...request, waitMs: 60_000 });
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
  });
});

describe('the writer lock of a vault on S3', () => {
  it('is taken over from a dead owner on another host by the time of the storage', async () => {
    const s3 = await fakeS3({ clockMs: 3 * 3_600_000 });
    const folder = await tempFolder();
    await takeWriterLock(await requestOf(s3, 'a', folder));
    expect(await rejectionOf(takeWriterLock(await requestOf(s3, 'b', folder)))).toMatchObject({
      kind: 'busy',
    });
    s3.store.age(firstLock, 6 * 60_000);
    await using lock = await takeWriterLock(await requestOf(s3, 'b', folder));
    expect(lock.generation).toBe(2);
  });

  it('is lost by an owner that slept while another took it over', async () => {
    const s3 = await fakeS3();
    const folder = await tempFolder();
    const sleeper = await takeWriterLock(await requestOf(s3, 'a', folder));
    s3.store.age(firstLock, 60 * 60_000);
    await using lock = await takeWriterLock(await requestOf(s3, 'b', folder));
    await expect(sleeper.assertHeld()).rejects.toMatchObject({ details: { lockLost: true } });
    await sleeper[Symbol.asyncDispose]();
    await expect(lock.assertHeld()).resolves.toBeUndefined();
  });
});
