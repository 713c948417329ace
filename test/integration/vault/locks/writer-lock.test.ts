import { chmod, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createFolderStorage } from '../../../../main/storage/folder-storage.ts';
import type { FolderStorage } from '../../../../main/storage/folder/folder-storage.ts';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { takeWriterLock } from '../../../../main/vault/locks/writer-lock.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { lockHosts } from '../../../helpers/lock-hosts.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { smallDisk } from '../../../helpers/small-disk.ts';

const minute = 60_000;
const firstName = 'locks/writer-000000000001';

/** Until not one byte more fits. */
async function fillUp(storage: FolderStorage): Promise<void> {
  for (let size = 1024 * 1024; size >= 1; size /= 4) {
    for (
      let at = 0;
      (await rejectionOf(storage.put(`packs/${String(size)}-${String(at)}`, [Buffer.alloc(size)]))) ===
      undefined;
    )
      at += 1;
  }
}

describe('takeWriterLock', () => {
  it('lets one writer in at a time, with a higher generation each time', async () => {
    const hosts = await lockHosts();
    const request = await hosts.request('a');
    for (let generation = 1; generation <= 3; generation += 1) {
      await using lock = await takeWriterLock(request);
      expect(lock.generation).toBe(generation);
      await lock.assertHeld();
      expect(await hosts.lockNames()).toHaveLength(1);
    }
    await using last = await takeWriterLock(await hosts.request('b'));
    expect(last.generation).toBe(4);
  });

  it('is busy for a second writer of the same process, and says since when and what for', async () => {
    const hosts = await lockHosts();
    const request = await hosts.request('a');
    await using lock = await takeWriterLock({ ...request, purpose: 'prune' });
    await expect(takeWriterLock(request)).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringMatching(/this machine \(prune, since 20/),
      details: { purpose: 'prune', isThisHost: true },
    });
    await expect(lock.assertHeld()).resolves.toBeUndefined();
  });

  it('is busy for another host, which is not told whose it is', async () => {
    const hosts = await lockHosts();
    await using lock = await takeWriterLock(await hosts.request('a'));
    await expect(takeWriterLock(await hosts.request('b'))).rejects.toMatchObject({
      kind: 'busy',
      details: { isThisHost: false },
    });
    const record = await readFile(join(hosts.folder, firstName), 'utf8');
    expect(record).not.toContain(hostname());
    expect(record).not.toContain(hosts.hostLockFolder('a'));
    await expect(lock.assertHeld()).resolves.toBeUndefined();
  });

  it('waits for another holder as long as it may', async () => {
    const hosts = await lockHosts();
    const lock = await takeWriterLock(await hosts.request('a'));
    const waiting = takeWriterLock({ ...(await hosts.request('b')), waitMs: 10 * minute });
    await lock[Symbol.asyncDispose]();
    await using second = await waiting;
    expect(second.generation).toBe(2);
    const cancelled = takeWriterLock({
      ...(await hosts.request('a')),
      waitMs: 10 * minute,
      signal: AbortSignal.timeout(20),
    });
    await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('takes over at once from a killed process of this host, and sweeps what it left', async () => {
    const hosts = await lockHosts();
    const child = startChild(threadEntry(import.meta.url, './lock-holder.child.ts'), [
      hosts.folder,
      hosts.hostLockFolder('a'),
      'writer',
    ]);
    expect(await child.line()).toBe('held');
    await expect(takeWriterLock(await hosts.request('a'))).rejects.toMatchObject({ kind: 'busy' });
    await child.kill();
    await writeFile(join(hosts.folder, 'tmp', 'left'), 'x');
    await using lock = await takeWriterLock(await hosts.request('a'));
    expect(lock.generation).toBe(2);
    expect(await readdir(join(hosts.folder, 'tmp'))).toEqual([]);
    expect(await hosts.lockNames()).toEqual(['locks/writer-000000000002']);
  });

  it('takes over from a silent owner on another host only after five minutes by the storage', async () => {
    const hosts = await lockHosts();
    await using first = await takeWriterLock(await hosts.request('a'));
    await hosts.age(firstName, 4 * minute);
    await expect(takeWriterLock(await hosts.request('b'))).rejects.toMatchObject({ kind: 'busy' });
    await hosts.age(firstName, 6 * minute);
    await using second = await takeWriterLock(await hosts.request('b'));
    expect(second.generation).toBe(2);
    await expect(first.assertHeld()).rejects.toMatchObject({ details: { lockLost: true } });
    expect(first.signal.aborted).toBe(true);
    await first[Symbol.asyncDispose]();
    await expect(second.assertHeld()).resolves.toBeUndefined();
  });

  it('takes a record from the far future for dead: no clock of a living owner says so', async () => {
    const hosts = await lockHosts();
    await using first = await takeWriterLock(await hosts.request('a'));
    await hosts.age(firstName, -60 * minute);
    await using second = await takeWriterLock(await hosts.request('b'));
    expect([first.generation, second.generation]).toEqual([1, 2]);
  });

  it.each(['', '{}', 'x'.repeat(10_000)])(
    'takes a damaged record for a holder until it is old: %#',
    async (text) => {
      const hosts = await lockHosts();
      await mkdir(join(hosts.folder, 'locks'));
      await writeFile(join(hosts.folder, 'locks/writer-000000000007'), text);
      await expect(takeWriterLock(await hosts.request('a'))).rejects.toMatchObject({ kind: 'busy' });
      await hosts.age('locks/writer-000000000007', 6 * minute);
      await using lock = await takeWriterLock(await hosts.request('a'));
      expect(lock.generation).toBe(8);
    },
  );

  it('does not go by locks in a folder that others may write', async () => {
    const hosts = await lockHosts();
    await mkdir(hosts.hostLockFolder('a'));
    await chmod(hosts.hostLockFolder('a'), 0o777);
    await symlink('/tmp', hosts.hostLockFolder('b'));
    for (const host of ['a', 'b'] as const) {
      await expect(takeWriterLock(await hosts.request(host))).rejects.toMatchObject({ kind: 'refused' });
    }
  });

  it('says so when the folder for locks cannot be made', async () => {
    const hosts = await lockHosts();
    await writeFile(hosts.hostLockFolder('a'), '');
    await expect(takeWriterLock(await hosts.request('a'))).rejects.toMatchObject({ kind: 'failed' });
  });

  it('takes no purpose that could not be read again', async () => {
    const hosts = await lockHosts();
    await expect(takeWriterLock({ ...(await hosts.request('a')), purpose: 'Some words' })).rejects.toThrow(
      /purpose/,
    );
    expect(await hosts.lockNames()).toEqual([]);
  });

  it('gets through on a full disk by its reserve, which is taken again when there is room', async (context) => {
    const disk = await smallDisk(context, 8);
    const hosts = await lockHosts();
    const storage = await createFolderStorage(disk.folder, { reserveBytes: 1024 * 1024 });
    await storage.put('vault.json', [Buffer.from('header')]);
    await fillUp(storage);
    await using lock = await takeWriterLock({ ...(await hosts.request('a')), storage });
    expect(await readdir(disk.folder)).not.toContain('reserve');
    for (let at = 0; at < 4; at += 1) await storage.delete(`packs/1048576-${String(at)}`);
    await lock[Symbol.asyncDispose]();
    expect(await readdir(disk.folder)).toContain('reserve');
  });

  it('leaves the lock free when sweeping fails', async () => {
    const hosts = await lockHosts();
    const failing = await hosts.request('a', ({ operation }) => {
      if (operation === 'sweep') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    await expect(takeWriterLock(failing)).rejects.toMatchObject({ details: { code: 'EIO' } });
    await using lock = await takeWriterLock(await hosts.request('b'));
    expect(lock.generation).toBe(2);
  });
});

describe('a held writer lock', () => {
  it('renews its record, so that it does not age', async () => {
    const hosts = await lockHosts();
    await using lock = await takeWriterLock({ ...(await hosts.request('a')), heartbeatMs: 1000 });
    await hosts.age(firstName, 6 * minute);
    await vi.waitFor(
      async () => {
        const { modifiedMs = 0 } = (await hosts.storage.stat(firstName)) ?? {};
        expect(modifiedMs).toBeGreaterThan(Date.now() - minute);
      },
      { timeout: 30_000, interval: 20 },
    );
    await expect(takeWriterLock(await hosts.request('b'))).rejects.toMatchObject({ kind: 'busy' });
    expect(lock.generation).toBe(1);
  });

  it('is lost by whoever was asleep too long, even if nobody took it', async () => {
    const hosts = await lockHosts();
    let elapsedMs = 0;
    await using lock = await takeWriterLock({ ...(await hosts.request('a')), elapsedMs: () => elapsedMs });
    elapsedMs = 3 * minute;
    await lock.assertHeld();
    elapsedMs = 5 * minute;
    await expect(lock.assertHeld()).rejects.toMatchObject({ kind: 'failed', details: { lockLost: true } });
    expect(lock.signal.aborted).toBe(true);
  });

  it('is lost when no heartbeat can be written for too long', async () => {
    const hosts = await lockHosts();
    let isAway = false;
    const request = await hosts.request('a', ({ operation }) => {
      if (isAway && operation === 'put') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    await using lock = await takeWriterLock({ ...request, heartbeatMs: 20 });
    isAway = true;
    await vi.waitFor(() => expect(lock.signal.aborted).toBe(true), { timeout: 30_000, interval: 10 });
    await expect(lock.assertHeld()).rejects.toMatchObject({ details: { lockLost: true } });
  });

  it('is lost when its record is gone or another took a higher generation, which its heartbeat sees', async () => {
    const hosts = await lockHosts();
    await using lock = await takeWriterLock({ ...(await hosts.request('a')), heartbeatMs: 1000 });
    await hosts.storage.put('locks/writer-000000000002', [Buffer.from('whatever')]);
    await vi.waitFor(() => expect(lock.signal.aborted).toBe(true), { timeout: 30_000, interval: 10 });
    await lock[Symbol.asyncDispose]();
    expect(await hosts.lockNames()).toEqual(['locks/writer-000000000002']);
  });

  it('is given back when it was lost, so that this process can take it again', async () => {
    const hosts = await lockHosts();
    const lock = await takeWriterLock(await hosts.request('a'));
    await hosts.storage.delete(firstName);
    await expect(lock.assertHeld()).rejects.toMatchObject({ details: { lockLost: true } });
    await lock[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    await using again = await takeWriterLock(await hosts.request('a'));
    await expect(again.assertHeld()).resolves.toBeUndefined();
  });

  it('is released without an error when the storage is away', async () => {
    const hosts = await lockHosts();
    let isAway = false;
    const request = await hosts.request('a', () => {
      if (isAway) throw Object.assign(new Error('ESTALE'), { code: 'ESTALE' });
    });
    const lock = await takeWriterLock(request);
    isAway = true;
    await lock[Symbol.asyncDispose]();
    await using next = await takeWriterLock(await hosts.request('a'));
    expect(next.generation).toBe(2);
  });
});
