import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { S3StorageOptions } from '../../../../main/storage/s3/open-s3-storage.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { firstOf, isGet, isList, isPut } from '../../../fakes/s3/faults.ts';
import type { Fault } from '../../../fakes/s3/faults.ts';
import { fakeS3 } from '../../../helpers/s3-storage.ts';
import type { FakeS3 } from '../../../helpers/s3-storage.ts';
import { namesIn } from '../../../helpers/test-vault.ts';

const old = Buffer.from('what was there');
const bytes = randomBytes(300_000);
/** More requests than a call makes that ends clearly: eight attempts of two requests, and a few to clean up. */
const mostRequests = 20;

type Case = Readonly<{
  name: string;
  run: (s3: FakeS3) => Promise<unknown>;
  /** What it gives when all went well. */
  result: unknown;
  /** What must be stored whenever it has resolved. */
  stored?: readonly [string, Buffer | undefined];
}>;

const cases: readonly Case[] = [
  {
    name: 'put',
    run: async ({ storage }) => await storage.put('packs/aa/new', [bytes]),
    result: undefined,
    stored: ['trinity/packs/aa/new', bytes],
  },
  {
    name: 'put over another',
    run: async ({ storage }) => await storage.put('index/old', [bytes]),
    result: undefined,
    stored: ['trinity/index/old', bytes],
  },
  {
    name: 'putIfAbsent',
    run: async ({ storage }) => await storage.putIfAbsent('locks/new', [bytes]),
    result: true,
    stored: ['trinity/locks/new', bytes],
  },
  {
    name: 'putIfAbsent where something is',
    run: async ({ storage }) => await storage.putIfAbsent('index/old', [bytes]),
    result: false,
    stored: ['trinity/index/old', old],
  },
  { name: 'read', run: async ({ storage }) => await storage.read('index/old', 100), result: old },
  {
    name: 'readRange',
    run: async ({ storage }) => await storage.readRange('index/old', 2, 5),
    result: old.subarray(2, 7),
  },
  {
    name: 'stat',
    run: async ({ storage }) => (await storage.stat('index/old'))?.size,
    result: old.length,
  },
  {
    name: 'list',
    run: async ({ storage }) => await namesIn(storage, 'index/'),
    result: ['index/another', 'index/old'],
  },
  {
    name: 'delete',
    run: async ({ storage }) => await storage.delete('index/old'),
    result: undefined,
    stored: ['trinity/index/old', undefined],
  },
  {
    name: 'now',
    run: async ({ storage }) => Math.abs((await storage.now()) - Date.now()) < 60_000,
    result: true,
  },
];

const passing: readonly (readonly [string, Fault])[] = [
  ['409', { kind: 'answer', status: 409, code: 'OperationAborted' }],
  ['409 of a condition', { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' }],
  ['429', { kind: 'answer', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '0' } }],
  ['500', { kind: 'answer', status: 500, code: 'InternalError' }],
  ['500 when it is done', { kind: 'answer-done', status: 500, code: 'InternalError' }],
  ['503 SlowDown', { kind: 'answer', status: 503, code: 'SlowDown' }],
  ['503 when it is done', { kind: 'answer-done', status: 503, code: 'SlowDown' }],
  ['400 BadDigest', { kind: 'answer', status: 400, code: 'BadDigest' }],
  ['304', { kind: 'answer', status: 304 }],
  ['a reset', { kind: 'reset', when: 'before' }],
  ['a reset when it is done', { kind: 'reset', when: 'after' }],
];

const stalls: readonly (readonly [string, Fault])[] = [
  ['a stall', { kind: 'stall', when: 'before' }],
  ['a stall when it is done', { kind: 'stall', when: 'after' }],
];

async function lab(options: S3StorageOptions = {}): Promise<FakeS3> {
  const s3 = await fakeS3({}, { stallLimitMs: 2500, ...options });
  await s3.storage.put('index/old', [old]);
  await s3.storage.put('index/another', [old]);
  // Asked once: it is not what is tried here.
  await s3.storage.putIfAbsent('locks/first', [old]);
  s3.server.requests.length = 0;
  return s3;
}

function storedIn({ store }: FakeS3, key: string): Buffer | undefined {
  return store.objects.get(key)?.body;
}

async function inEachCase(check: (s3: FakeS3, each: Case) => Promise<void>): Promise<void> {
  const labs = await Promise.all(cases.map(async (each) => ({ each, s3: await lab() })));
  await Promise.all(labs.map(async ({ each, s3 }) => await check(s3, each)));
}

describe('a storage that meets a fault twice', () => {
  it.each(passing)('does what it was asked to in spite of %s', async (_name, fault) => {
    await inEachCase(async (s3, { name, run, result, stored }) => {
      s3.server.plan = firstOf(2, () => true, fault);
      expect([name, await run(s3)]).toEqual([name, result]);
      if (stored !== undefined) expect(storedIn(s3, stored[0])).toEqual(stored[1]);
    });
  });

  it.each(stalls)('does so in spite of %s', async (_name, fault) => {
    await inEachCase(async (s3, { name, run, result, stored }) => {
      s3.server.plan = firstOf(1, () => true, fault);
      expect([name, await run(s3)]).toEqual([name, result]);
      if (stored !== undefined) expect(storedIn(s3, stored[0])).toEqual(stored[1]);
    });
  });
});

describe('a storage that meets nothing but a fault', () => {
  it.each([...passing, ...stalls])(
    'ends clearly, and says nothing that is not so, on %s',
    async (_name, fault) => {
      await inEachCase(async (s3, { name, run, stored }) => {
        s3.server.plan = () => fault;
        const outcome = await run(s3).then(
          (result) => ({ result }),
          (error: unknown) => ({ error }),
        );
        expect({ name, few: s3.server.requests.length <= mostRequests }).toEqual({ name, few: true });
        if ('error' in outcome) {
          expect(outcome.error).toBeInstanceOf(AppError);
          expect(['unavailable', 'failed']).toContain((outcome.error as AppError).kind); // checked above
        } else {
          // The only thing that may be known without an answer that says so: nothing.
          expect([name, stored && storedIn(s3, stored[0])]).toEqual([name, stored?.[1]]);
          expect(stored).toBeDefined();
        }
      });
    },
  );
});

describe('a storage whose service answers nothing any more', () => {
  it('is given up after the second stall: each takes the whole limit', async () => {
    const s3 = await lab({ stallLimitMs: 2000 });
    s3.server.plan = () => ({ kind: 'stall', when: 'before' });
    await expect(s3.storage.put('packs/aa/new', [bytes])).rejects.toMatchObject({
      kind: 'unavailable',
      details: { stalled: true },
    });
    expect(s3.server.requests).toHaveLength(2);
  });
});

describe('a storage whose service does not do what it says', () => {
  it('does not call written what is not there', async () => {
    const s3 = await lab();
    s3.server.plan = firstOf(Number.POSITIVE_INFINITY, isPut, { kind: 'lie' });
    await expect(s3.storage.put('packs/aa/new', [bytes])).rejects.toMatchObject({ kind: 'failed' });
    await expect(s3.storage.putIfAbsent('locks/new', [bytes])).rejects.toMatchObject({ kind: 'failed' });
    s3.server.plan = firstOf(1, isPut, { kind: 'lie' });
    await s3.storage.put('packs/aa/new', [bytes]);
    expect(storedIn(s3, 'trinity/packs/aa/new')).toEqual(bytes);
  });

  it('is not told by a refusal that a free name is taken', async () => {
    const s3 = await lab();
    const refusal: Fault = { kind: 'answer', status: 412, code: 'PreconditionFailed' };
    s3.server.plan = firstOf(2, isPut, refusal);
    expect(await s3.storage.putIfAbsent('locks/new', [bytes])).toBe(true);
    s3.server.plan = firstOf(Number.POSITIVE_INFINITY, isPut, refusal);
    await expect(s3.storage.putIfAbsent('locks/newer', [bytes])).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });

  it('gets bodies whole that were cut short, or nothing', async () => {
    const s3 = await lab();
    await s3.storage.put('packs/aa/long', [bytes]);
    for (const says of ['whole', 'part'] as const) {
      s3.server.plan = firstOf(2, isGet, { kind: 'truncate', bytes: 1000, says });
      expect(
        (await s3.storage.readRange('packs/aa/long', 7, 200_000)).equals(bytes.subarray(7, 200_007)),
      ).toBe(true);
      s3.server.plan = firstOf(Number.POSITIVE_INFINITY, isGet, { kind: 'truncate', bytes: 1000, says });
      await expect(s3.storage.readRange('packs/aa/long', 7, 200_000)).rejects.toMatchObject({
        kind: 'unavailable',
      });
    }
    s3.server.plan = firstOf(2, isGet, { kind: 'truncate', bytes: 1000, says: 'whole' });
    expect((await s3.storage.read('packs/aa/long', bytes.length)).equals(bytes)).toBe(true);
    s3.server.plan = firstOf(1, isGet, { kind: 'freeze', bytes: 1000 });
    expect((await s3.storage.read('packs/aa/long', bytes.length)).equals(bytes)).toBe(true);
  });

  it('lists all or fails, where a list is cut short', async () => {
    const s3 = await lab();
    for (const says of ['whole', 'part'] as const) {
      s3.server.plan = firstOf(2, isList, { kind: 'truncate', bytes: 200, says });
      expect(await namesIn(s3.storage, 'index/')).toEqual(['index/another', 'index/old']);
      s3.server.plan = firstOf(Number.POSITIVE_INFINITY, isList, { kind: 'truncate', bytes: 200, says });
      await expect(namesIn(s3.storage, 'index/')).rejects.toBeInstanceOf(AppError);
    }
  });

  it('does not go round for ever in a list without an end', async () => {
    const s3 = await lab();
    s3.store.options.pageSize = 0;
    await expect(namesIn(s3.storage, 'index/')).rejects.toMatchObject({ kind: 'failed' });
  });
});

describe('a cancelled call', () => {
  it.each(['stall', 'answer'] as const)('ends at once while its service answers with %s', async (kind) => {
    const s3 = await lab({ stallLimitMs: 60_000, firstPauseMs: 60_000 });
    s3.server.plan = () =>
      kind === 'stall' ? { kind, when: 'before' } : { kind, status: 503, code: 'SlowDown' };
    const cancel = new AbortController();
    const options = { signal: cancel.signal };
    const calls = [
      s3.storage.put('packs/aa/new', [bytes], options),
      s3.storage.putIfAbsent('locks/new', [bytes], options),
      s3.storage.readRange('index/old', 2, 5, options),
      s3.storage.stat('index/old', options),
    ].map(
      async (call) =>
        await call.then(
          () => 'done',
          (error: unknown) => error,
        ),
    );
    while (s3.server.requests.length < calls.length) await new Promise((resolve) => setTimeout(resolve, 5));
    cancel.abort();
    for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ kind: 'cancelled' });
  });
});

describe('rights that are missing', () => {
  it('are said as what a read-only place is, so that reading goes on', async () => {
    const s3 = await lab();
    s3.store.options.denies = ({ method }) => method === 'PUT' || method === 'DELETE';
    await expect(s3.storage.put('index/new', [old])).rejects.toMatchObject({
      kind: 'failed',
      details: { code: 'EACCES' },
    });
    await expect(s3.storage.delete('index/old')).rejects.toMatchObject({ details: { code: 'EACCES' } });
    expect(await s3.storage.read('index/old', 100)).toEqual(old);
    expect(s3.server.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it.each([
    [403, 'SignatureDoesNotMatch', 'failed', /secret key/u],
    [400, 'AuthorizationHeaderMalformed', 'failed', /region/u],
    [404, 'NoSuchBucket', 'unavailable', /bucket/u],
    [507, 'InsufficientStorage', 'failed', /no room/u],
    [403, 'QuotaExceeded', 'failed', /no room/u],
  ])('say what to do about %i %s, at once', async (status, code, kind, words) => {
    const s3 = await lab();
    s3.server.plan = () => ({ kind: 'answer', status, code });
    await expect(s3.storage.put('index/new', [old])).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(words),
    });
    expect(s3.server.requests).toHaveLength(1);
  });
});
