import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { createFolderStorage, openFolderStorage } from '../../../../main/storage/folder-storage.ts';
import { listLeases, openLease } from '../../../../main/vault/locks/lease.ts';
import { startChild } from '../../../helpers/child-process.ts';
import { lockHosts } from '../../../helpers/lock-hosts.ts';
import { smallDisk } from '../../../helpers/small-disk.ts';

const minute = 60_000;

describe('openLease', () => {
  it('shows every reader until it ends', async () => {
    const hosts = await lockHosts();
    const first = await openLease({ ...(await hosts.request('a')), purpose: 'browse' });
    const second = await openLease({ ...(await hosts.request('b')), purpose: 'verify' });
    const seen = await listLeases(await hosts.request('a'));
    expect(seen.map(({ purpose, isThisHost }) => `${purpose} ${isThisHost}`).toSorted()).toEqual([
      'browse true',
      'verify false',
    ]);
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    expect(await listLeases(await hosts.request('a'))).toEqual([]);
    expect(await hosts.lockNames()).toEqual([]);
    expect(await readdir(hosts.hostLockFolder('a'))).toEqual([]);
  });

  it('renews its record, so that it does not age', async () => {
    const hosts = await lockHosts();
    await using lease = await openLease({ ...(await hosts.request('a')), heartbeatMs: 1000 });
    const [name = ''] = await hosts.lockNames();
    await hosts.age(name, 6 * minute);
    await vi.waitFor(async () => expect(await listLeases(await hosts.request('b'))).toHaveLength(1), {
      timeout: 30_000,
      interval: 20,
    });
    expect(lease.isRecorded).toBe(true);
  });

  it('reads without a sign where the storage is read-only', async (context) => {
    const disk = await smallDisk(context, 8);
    const hosts = await lockHosts();
    const created = await createFolderStorage(disk.folder, { reserveBytes: 1024 });
    await created.put('vault.json', [Buffer.from('header')]);
    await disk.makeReadOnly();
    const storage = await openFolderStorage(disk.folder);
    await using lease = await openLease({ ...(await hosts.request('a')), storage });
    expect(lease.isRecorded).toBe(false);
    expect(await readdir(hosts.hostLockFolder('a'))).toEqual([]);
  });

  it('fails where the storage fails otherwise, and leaves no lock', async () => {
    const hosts = await lockHosts();
    const request = await hosts.request('a', ({ operation }) => {
      if (operation === 'put') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    await expect(openLease(request)).rejects.toMatchObject({ details: { code: 'EIO' } });
    expect(await readdir(hosts.hostLockFolder('a'))).toEqual([]);
  });
});

describe('listLeases', () => {
  it('removes at once the lease of a killed process of this host, with its lock', async () => {
    const hosts = await lockHosts();
    const child = startChild(threadEntry(import.meta.url, './lock-holder.child.ts'), [
      hosts.folder,
      hosts.hostLockFolder('a'),
      'lease',
    ]);
    expect(await child.line()).toBe('held');
    expect(await listLeases(await hosts.request('a'))).toHaveLength(1);
    await child.kill();
    expect(await listLeases(await hosts.request('b'))).toHaveLength(1);
    expect(await listLeases(await hosts.request('a'))).toEqual([]);
    expect(await hosts.lockNames()).toEqual([]);
    expect(await readdir(hosts.hostLockFolder('a'))).toEqual([]);
  });

  it('removes the lease of another host, and a damaged one, after five minutes by the storage', async () => {
    const hosts = await lockHosts();
    await using lease = await openLease(await hosts.request('b'));
    const damaged = `locks/lease-${'0'.repeat(32)}`;
    await hosts.storage.put(damaged, [Buffer.from('?')]);
    const names = await hosts.lockNames();
    for (const name of names) await hosts.age(name, 4 * minute);
    expect(await listLeases(await hosts.request('a'))).toHaveLength(2);
    for (const name of names) await hosts.age(name, 6 * minute);
    expect(await listLeases(await hosts.request('a'))).toEqual([]);
    expect(await hosts.lockNames()).toEqual([]);
    expect(await readdir(join(hosts.folder, 'tmp'))).toEqual([]);
    expect(lease.isRecorded).toBe(true);
  });
});
