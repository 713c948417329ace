import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createS3Storage, openS3Storage } from '../../../../main/storage/s3/open-s3-storage.ts';
import { parseS3Place } from '../../../../main/storage/s3/s3-place.ts';
import { TransferLimits } from '../../../../main/storage/transfer-limits.ts';
import { firstOf } from '../../../fakes/s3/faults.ts';
import { fakeS3, quickS3 } from '../../../helpers/s3-storage.ts';
import { namesIn } from '../../../helpers/test-vault.ts';

const large = randomBytes(40 * 1024 * 1024);

describe('a large object', () => {
  it('goes in parts, of which single ones are tried again', async () => {
    const { storage, store, server } = await fakeS3();
    const isSecondPart = (request: { query: URLSearchParams }): boolean =>
      request.query.get('partNumber') === '2';
    server.plan = firstOf(2, isSecondPart, { kind: 'answer', status: 503, code: 'SlowDown' });
    await storage.put('packs/aa/large', [large.subarray(0, 7), large.subarray(7)]);
    expect((await storage.read('packs/aa/large', large.length)).equals(large)).toBe(true);
    const parts = server.requests
      .map(({ query }) => query.get('partNumber'))
      .filter((number) => number !== null);
    expect(parts).toEqual(['1', '2', '2', '2', '3']);
    expect(store.uploads.size).toBe(0);
  });

  it('is there when only the answer to its end got lost', async () => {
    const { storage, server } = await fakeS3();
    server.plan = firstOf(1, ({ method, query }) => method === 'POST' && query.has('uploadId'), {
      kind: 'reset',
      when: 'after',
    });
    await storage.put('packs/aa/large', [large]);
    expect((await storage.read('packs/aa/large', large.length)).equals(large)).toBe(true);
  });

  it('leaves no parts behind when it fails, and those of killed writers are swept', async () => {
    const { storage, store, server } = await fakeS3();
    server.plan = (request) =>
      request.query.get('partNumber') === '2' ? { kind: 'answer', status: 500 } : undefined;
    await expect(storage.put('packs/aa/large', [large])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(store.uploads.size).toBe(0);
    store.uploads.set('left', { key: 'trinity/packs/aa/x', parts: new Map() });
    await storage.sweepTemporary();
    expect(store.uploads.size).toBe(0);
    expect(await namesIn(storage, 'packs/')).toEqual([]);
  });
});

describe('every object', () => {
  it('is signed with the hash of its bytes, so that what was changed on its way is refused', async () => {
    const { storage, store, server } = await fakeS3();
    const { backend } = store;
    expect(backend).toBeDefined();
    await storage.put('packs/aa/one', [large.subarray(0, 1_000_000)]);
    const put = server.requests.find(({ method, key }) => method === 'PUT' && key?.endsWith('one') === true);
    expect(put?.headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/u);
    if (put === undefined) return;
    const spoilt = await store.backend({ ...put, key: 'trinity/packs/aa/two', body: put.body.subarray(1) });
    expect(spoilt.status).toBe(400);
  });

  it('waits for the line, and none more than may are on their way', async () => {
    const limits = new TransferLimits({ parallel: 2 });
    const { storage, server } = await fakeS3({}, { limits });
    let running = 0;
    let most = 0;
    const pass = limits.pass.bind(limits);
    limits.pass = async (...args): Promise<void> => {
      await pass(...args);
    };
    const inTurn = limits.inTurn.bind(limits);
    limits.inTurn = async (signal, run) =>
      await inTurn(signal, async () => {
        running += 1;
        most = Math.max(most, running);
        try {
          return await run();
        } finally {
          running -= 1;
        }
      });
    await Promise.all(
      Array.from({ length: 6 }, async (_item, at) => {
        await storage.put(`packs/aa/${String(at)}`, [large.subarray(0, 1_000_000)]);
      }),
    );
    expect(most).toBe(2);
    expect(server.requests.filter(({ method }) => method === 'PUT').length).toBeGreaterThanOrEqual(6);
  });
});

describe('openS3Storage and createS3Storage', () => {
  it('make nothing where no vault is, and tell a bucket that is not there', async () => {
    const { store, server, location } = await fakeS3();
    const before = store.keys();
    const elsewhere = parseS3Place(location.replace('/trinity', '/other'));
    await expect(openS3Storage(elsewhere, quickS3)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(openS3Storage(elsewhere, { ...quickS3, absentKind: 'not-found' })).rejects.toMatchObject({
      kind: 'not-found',
    });
    const noBucket = parseS3Place(`s3://nothing/x?endpoint=${server.endpoint}`);
    await expect(openS3Storage(noBucket, quickS3)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(createS3Storage(noBucket, quickS3)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(store.keys()).toEqual(before);
  });

  it('tell a vault that has lost both its headers from none', async () => {
    const { store, storage, location } = await fakeS3();
    await storage.put('packs/aa/one', [Buffer.from('x')]);
    store.objects.delete('trinity/vault.json');
    store.catchUp();
    await expect(openS3Storage(parseS3Place(location), quickS3)).rejects.toMatchObject({ kind: 'damaged' });
  });

  it.each(['vault.json', 'packs/aa/one', 'holiday.jpg'])(
    'refuse to make a vault where %s lies',
    async (name) => {
      const { store, location } = await fakeS3();
      store.objects.clear();
      store.objects.set(`trinity/${name}`, { body: Buffer.from('x'), modified: new Date() });
      store.catchUp();
      await expect(createS3Storage(parseS3Place(location), quickS3)).rejects.toMatchObject({ kind: 'usage' });
    },
  );

  it('ask for credentials, and send them to nobody else', async () => {
    const { location } = await fakeS3();
    await expect(openS3Storage(parseS3Place(location))).rejects.toMatchObject({ kind: 'usage' });
  });

  it('leave out what is not their own', async () => {
    const { store, storage } = await fakeS3();
    for (const key of [
      'trinity/packs/Thumbs.db',
      'trinity/packs/',
      'trinityother/packs/a',
      'trinity/tmp/x',
    ]) {
      store.objects.set(key, { body: Buffer.from('x'), modified: new Date() });
    }
    store.catchUp();
    expect(await namesIn(storage, '')).toEqual(['vault.json']);
  });
});
