import { describe, expect, it } from 'vitest';
import type { S3Storage } from '../../../../../main/storage/s3/s3-storage.ts';
import type { Fault } from '../../../../fakes/s3/faults.ts';
import { fakeS3 } from '../../../../helpers/s3-storage.ts';

const one = [Buffer.from('one')];

describe('a store that does not look at conditions', () => {
  it('is found out once, under a name that is thrown away', async () => {
    const { store, server, storage } = await fakeS3({ conditions: 'ignored' });
    await storage.putIfAbsent('locks/a', one);
    await storage.putIfAbsent('locks/b', one);
    const probes = server.requests.filter(
      ({ method, key }) => method === 'PUT' && key?.includes('/tmp/') === true,
    );
    expect(probes).toHaveLength(2);
    expect(store.keys()).toEqual(['trinity/locks/a', 'trinity/locks/b', 'trinity/vault.json']);
  });

  it('never lets two through, though each saw the free name', async () => {
    const { open } = await fakeS3({ conditions: 'ignored' }, { settle: { waitMs: 400, slowMs: 30_000 } });
    const rivals = await Promise.all(Array.from({ length: 4 }, async () => await open()));
    const claim = async (rival: S3Storage, at: number): Promise<boolean> =>
      await rival.putIfAbsent('locks/writer', [Buffer.of(at)]);
    // Each knows what the store cannot do, so that they meet at the name itself.
    await Promise.all(rivals.map(async (rival, at) => await rival.putIfAbsent(`backups/${String(at)}`, one)));
    const results = await Promise.all(rivals.map(claim));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect((await rivals[0]?.read('locks/writer', 1))?.[0]).toBe(results.indexOf(true));
  });

  it('is given up by whoever was too slow to be seen by its rivals', async () => {
    const { server, open, store } = await fakeS3({ conditions: 'ignored' });
    const slow = await open({ settle: { waitMs: 10, slowMs: -1 } });
    await expect(slow.putIfAbsent('locks/writer', one)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(
      server.requests.filter(({ method, key }) => method === 'PUT' && key?.endsWith('writer')),
    ).toHaveLength(3);
    expect(store.keys()).toContain('trinity/vault.json');
  });
});

describe('a store that knows conditions', () => {
  it('tells a lost answer to our own write from a name that is taken', async () => {
    const { server, storage } = await fakeS3();
    await storage.putIfAbsent('locks/first', one);
    const lost: Fault = { kind: 'reset', when: 'after' };
    let isFirst = true;
    server.plan = ({ method, key }) => {
      if (method !== 'PUT' || key?.endsWith('mine') !== true || !isFirst) return undefined;
      isFirst = false;
      return lost;
    };
    expect(await storage.putIfAbsent('locks/mine', [Buffer.from('a random owner')])).toBe(true);
    expect(await storage.putIfAbsent('locks/mine', [Buffer.from('another owner!')])).toBe(false);
  });
});
