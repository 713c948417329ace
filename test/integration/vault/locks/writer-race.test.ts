import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StorageHook } from '../../../../main/storage/storage-hook.ts';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { takeWriterLock } from '../../../../main/vault/locks/writer-lock.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { lockHosts } from '../../../helpers/lock-hosts.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';

/** Stops the first call of one operation until it is let go. */
function pauseAt(
  operation: string,
): Readonly<{ hook: StorageHook; reached: Promise<void>; goOn: () => void }> {
  let isReached: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    isReached = resolve;
  });
  const allowed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const hook: StorageHook = async (call) => {
    if (call.operation !== operation || call.moment !== 'before') return;
    isReached();
    await allowed;
  };
  return { hook, reached, goOn };
}

describe('two hosts that race for the writer lock', () => {
  it('never both hold it, and each holder has a generation of its own', async () => {
    const hosts = await lockHosts();
    const generations: number[] = [];
    let holders = 0;
    const contend = async (host: 'a' | 'b'): Promise<void> => {
      for (let round = 0; round < 4; round += 1) {
        await using lock = await takeWriterLock({ ...(await hosts.request(host)), waitMs: 240_000 });
        holders += 1;
        expect(holders).toBe(1);
        generations.push(lock.generation);
        await lock.assertHeld();
        holders -= 1;
      }
    };
    await Promise.all((['a', 'a', 'b', 'b'] as const).map(contend));
    expect(generations).toEqual(generations.toSorted((one, other) => one - other));
    expect(new Set(generations).size).toBe(16);
  });

  it('give way when their list was old: a late claim below the holder gets nothing', async () => {
    const hosts = await lockHosts();
    const late = pauseAt('putIfAbsent');
    const lateClaim = takeWriterLock(await hosts.request('b', late.hook));
    const outcome = rejectionOf(lateClaim);
    await late.reached;
    // Meanwhile the lock is taken twice, and the record that the late claim would meet is removed.
    await (await takeWriterLock(await hosts.request('a')))[Symbol.asyncDispose]();
    await using holder = await takeWriterLock(await hosts.request('a'));
    expect(await hosts.lockNames()).toEqual(['locks/writer-000000000002']);
    late.goOn();
    expect(await outcome).toMatchObject({ kind: 'busy' });
    await expect(holder.assertHeld()).resolves.toBeUndefined();
    expect(await hosts.lockNames()).toEqual(['locks/writer-000000000002']);
  });

  it('give way also when that holder has released it meanwhile', async () => {
    const hosts = await lockHosts();
    const late = pauseAt('putIfAbsent');
    const lateClaim = takeWriterLock(await hosts.request('b', late.hook));
    const outcome = rejectionOf(lateClaim);
    await late.reached;
    for (let times = 0; times < 2; times += 1) {
      await (await takeWriterLock(await hosts.request('a')))[Symbol.asyncDispose]();
    }
    late.goOn();
    expect(await outcome).toMatchObject({ kind: 'busy' });
    await using next = await takeWriterLock(await hosts.request('b'));
    expect(next.generation).toBe(3);
  });

  it('lose to a takeover the lock of whoever slept, though a last heartbeat of it comes late', async () => {
    const hosts = await lockHosts();
    const late = pauseAt('put');
    const sleeper = await takeWriterLock({ ...(await hosts.request('a', late.hook)), heartbeatMs: 1000 });
    await late.reached;
    await hosts.age('locks/writer-000000000001', 60 * 60_000);
    await using holder = await takeWriterLock(await hosts.request('b'));
    late.goOn();
    await expect(sleeper.assertHeld()).rejects.toMatchObject({ details: { lockLost: true } });
    await sleeper[Symbol.asyncDispose]();
    await expect(holder.assertHeld()).resolves.toBeUndefined();
    expect(await hosts.lockNames()).toEqual(['locks/writer-000000000002']);
  });
});

describe('a writer that is killed at each of its storage calls in turn', () => {
  it('is followed at once by the next, and leaves no temporary file', { timeout: 120_000 }, async () => {
    const hosts = await lockHosts();
    const entry = threadEntry(import.meta.url, './lock-holder.child.ts');
    const hook = new URL('../../../fakes/storage-hook.child.ts', import.meta.url).pathname;
    let generation = 0;
    for (let call = 1, isKilled = true; isKilled; call += 1) {
      expect(call).toBeLessThan(60);
      const child = startChild(entry, [hosts.folder, hosts.hostLockFolder('a'), 'run'], {
        NODE_ENV: 'test',
        TRINITY_BACKUP_TEST_HOOK: hook,
        TRINITY_TEST_KILL_CALL: String(call),
      });
      const outcome = await child.outcome();
      isKilled = outcome.signal === 'SIGKILL';
      if (!isKilled) expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect((await readdir(join(hosts.folder, 'tmp'))).length, `call ${String(call)}`).toBeLessThanOrEqual(
        1,
      );
      await using lock = await takeWriterLock(await hosts.request('a'));
      expect(await readdir(join(hosts.folder, 'tmp'))).toEqual([]);
      expect(lock.generation).toBeGreaterThan(generation);
      ({ generation } = lock);
    }
    // Taking the lock, two writes, one check, one commit and the release were all met.
    expect(await hosts.storage.stat('packs/one')).toBeDefined();
  });
});
