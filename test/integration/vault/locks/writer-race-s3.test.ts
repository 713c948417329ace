import { describe, expect, it } from 'vitest';
import { takeWriterLock } from '../../../../main/vault/locks/writer-lock.ts';
import type { MemoryS3Options } from '../../../fakes/s3/memory-s3.ts';
import { expectOneHolder, lockRequestOf } from '../../../helpers/contending-hosts.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { fakeS3 } from '../../../helpers/s3-storage.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const firstLock = 'trinity/locks/writer-000000000001';

describe.each<readonly [string, MemoryS3Options]>([
  ['knows conditional PUT', { conditions: 'known' }],
  ['refuses conditional PUT', { conditions: 'unknown' }],
  ['ignores conditions', { conditions: 'ignored' }],
  ['has lists that lag behind', { conditions: 'known', listLag: 3 }],
])('two hosts at a vault on S3 that %s', (_name, store) => {
  it('never both hold the lock', async () => {
    const s3 = await fakeS3(store, { settle: { waitMs: 2000, slowMs: 1000 } });
    await expectOneHolder(s3.open);
  });
});

describe('the writer lock of a vault on S3', () => {
  it('is taken over from a dead owner on another host by the time of the storage', async () => {
    const s3 = await fakeS3({ clockMs: 3 * 3_600_000 });
    const folder = await tempFolder();
    await takeWriterLock(await lockRequestOf(s3.open, 'a', folder));
    expect(await rejectionOf(takeWriterLock(await lockRequestOf(s3.open, 'b', folder)))).toMatchObject({
      kind: 'busy',
    });
    s3.store.age(firstLock, 6 * 60_000);
    await using lock = await takeWriterLock(await lockRequestOf(s3.open, 'b', folder));
    expect(lock.generation).toBe(2);
  });

  it('is lost by an owner that slept while another took it over', async () => {
    const s3 = await fakeS3();
    const folder = await tempFolder();
    const sleeper = await takeWriterLock(await lockRequestOf(s3.open, 'a', folder));
    s3.store.age(firstLock, 60 * 60_000);
    await using lock = await takeWriterLock(await lockRequestOf(s3.open, 'b', folder));
    await expect(sleeper.assertHeld()).rejects.toMatchObject({ details: { lockLost: true } });
    await sleeper[Symbol.asyncDispose]();
    await expect(lock.assertHeld()).resolves.toBeUndefined();
  });
});
