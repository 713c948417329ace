import { describe, expect, it } from 'vitest';
import { isPut } from '../../../../fakes/s3/faults.ts';
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

  it('lets through the last of two who both saw the free name', async () => {
    const { server, open } = await fakeS3(
      { conditions: 'ignored' },
      { settle: { waitMs: 4000, slowMs: 30_000 } },
    );
    const [one, other] = [await open(), await open()];
    // Each knows what the store cannot do, so that they meet at the name itself.
    await Promise.all([
      one.putIfAbsent('backups/a', [Buffer.of(1)]),
      other.putIfAbsent('backups/b', [Buffer.of(1)]),
    ]);
    const late = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    let puts = 0;
    server.plan = (request) => {
      if (!isPut(request) || request.key !== 'trinity/locks/writer') return undefined;
      puts += 1;
      if (puts === 1) {
        held.resolve();
        return { kind: 'hold', until: late.promise };
      }
      // The other one has written; what was held comes over it while that one waits.
      setTimeout(late.resolve, 100);
      return undefined;
    };
    const first = other.putIfAbsent('locks/writer', [Buffer.of(2)]);
    await held.promise;
    expect(await Promise.all([one.putIfAbsent('locks/writer', [Buffer.of(1)]), first])).toEqual([
      false,
      true,
    ]);
    expect((await one.read('locks/writer', 1))[0]).toBe(2);
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
