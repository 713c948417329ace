import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fakeS3Place } from '../../../helpers/s3-storage.ts';
import { namesIn, newTestVault, readInLease, storeInRun } from '../../../helpers/test-vault.ts';

const faults = [
  { kind: 'answer', status: 503, code: 'SlowDown' },
  { kind: 'reset', when: 'after' },
  { kind: 'answer', status: 409, code: 'OperationAborted' },
  { kind: 'answer-done', status: 500, code: 'InternalError' },
  { kind: 'reset', when: 'before' },
] as const;

function chunksOf(count: number): readonly Buffer[] {
  return Array.from({ length: count }, () => randomBytes(50_000));
}

describe('a vault on S3', () => {
  it.each(['known', '304', 'unknown', 'ignored'] as const)(
    'stores, takes over and reads through faults, with conditions %s',
    async (conditions) => {
      const place = await fakeS3Place({ conditions });
      const { vault, reopen } = await newTestVault({ storage: await place.create() });
      place.server.plan = (_request, number) =>
        number % 6 === 0 ? faults[(number / 6) % faults.length] : undefined;
      const chunks = chunksOf(40);
      const { ids } = await storeInRun(vault, chunks);
      const again = await storeInRun(await reopen({ storage: await place.open() }), chunks);
      expect(again.storedBytes).toBe(0);
      const read = await readInLease(await reopen({ storage: await place.open() }), ids);
      expect(read.map((chunk, at) => chunk.equals(chunks[at] ?? Buffer.alloc(0)))).not.toContain(false);
      expect(await namesIn(vault.storage, 'locks/')).toHaveLength(1);
    },
  );

  it('is read with credentials that may only read', async () => {
    const place = await fakeS3Place();
    const { vault, reopen } = await newTestVault({ storage: await place.create() });
    const chunks = chunksOf(3);
    const { ids } = await storeInRun(vault, chunks);
    place.store.options.denies = ({ method }) => method !== 'GET' && method !== 'HEAD';
    const reader = await reopen({ storage: await place.open() });
    expect(await readInLease(reader, ids)).toHaveLength(3);
    await expect(storeInRun(reader, chunks)).rejects.toMatchObject({
      kind: 'failed',
      details: { code: 'EACCES' },
    });
  });

  it('goes by what it has done itself where lists are older than that', async () => {
    const place = await fakeS3Place({ listLag: 6, pageSize: 3 });
    const { vault } = await newTestVault({ storage: await place.create() });
    const ids: Uint8Array[] = [];
    const chunks: Buffer[] = [];
    for (let run = 0; run < 4; run += 1) {
      const more = chunksOf(3);
      ids.push(...(await storeInRun(vault, more)).ids);
      chunks.push(...more);
    }
    const read = await readInLease(vault, ids);
    expect(read.map((chunk, at) => chunk.equals(chunks[at] ?? Buffer.alloc(0)))).not.toContain(false);
  });

  it('is not misled by lists in which deleted objects still stand', async () => {
    const place = await fakeS3Place();
    const { vault, reopen } = await newTestVault({ storage: await place.create() });
    const chunks = chunksOf(5);
    const { ids } = await storeInRun(vault, chunks);
    place.store.options.listLag = 40;
    place.store.catchUp();
    // All that was listed is gone, and something else is there.
    await storeInRun(vault, chunksOf(5));
    const other = await reopen({ storage: await place.open() });
    expect((await readInLease(other, ids)).length).toBe(5);
    expect(await other.listManifests()).toMatchObject({ manifests: [], unreadable: [] });
  });
});
