import { describe, expect, it } from 'vitest';
import { parseS3Place } from '../../../../main/storage/s3/s3-place.ts';
import { testS3 } from '../../../../main/storage/s3/test-s3.ts';
import { fakeS3, quickS3 } from '../../../helpers/s3-storage.ts';
import type { FakeS3 } from '../../../helpers/s3-storage.ts';
import type { MemoryS3Options } from '../../../fakes/s3/memory-s3.ts';

async function failedOf({ location }: FakeS3, nowMs = Date.now()): Promise<readonly string[]> {
  const checks = await testS3(parseS3Place(location), { ...quickS3, now: () => nowMs });
  return checks.filter(({ isOk }) => !isOk).map(({ what }) => what);
}

describe('testS3', () => {
  it('finds nothing missing where nothing is, and leaves nothing behind', async () => {
    const s3 = await fakeS3();
    expect(await failedOf(s3)).toEqual([]);
    expect(s3.store.keys()).toEqual(['trinity/vault.json']);
    expect(s3.store.uploads.size).toBe(0);
  });

  it.each<readonly [string, MemoryS3Options['denies'], readonly string[]]>([
    ['list', ({ key, query }) => key === undefined && !query.has('uploads'), ['list']],
    ['delete', ({ method, query }) => method === 'DELETE' && !query.has('uploadId'), ['delete']],
    ['read', ({ method, key }) => method === 'GET' && key !== undefined, ['read', 'read a part']],
    ['multipart', ({ query }) => query.has('uploads'), ['write in parts']],
  ])('names the one right that is missing: %s', async (_name, denies, missing) => {
    const s3 = await fakeS3();
    s3.store.options.denies = denies ?? (() => false);
    expect(await failedOf(s3)).toEqual(missing);
  });

  it('tells once what keeps everything at the place from working', async () => {
    const { location } = await fakeS3();
    const place = { ...parseS3Place(location), bucket: 'another' };
    const checks = await testS3(place, { ...quickS3, now: () => Date.now() });
    expect(checks).toEqual([
      { what: 'the connection', isOk: false, note: expect.stringMatching(/^There is no bucket for /u) },
    ]);
  });

  it('refuses a clock that differs by more than five minutes', async () => {
    const s3 = await fakeS3();
    expect(await failedOf(s3, Date.now() + 4 * 60_000)).toEqual([]);
    expect(await failedOf(s3, Date.now() + 6 * 60_000)).toEqual(['clock']);
    expect(await failedOf(s3, Date.now() - 6 * 60_000)).toEqual(['clock']);
  });
});
