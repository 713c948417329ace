import { describe, expect, it, onTestFinished } from 'vitest';
import { OpenPool } from '../../../../main/vault/chunks/open-pool.ts';
import { digests, noise, packsOf, testRing, text } from '../../../helpers/packed-chunks.ts';

const mebibyte = 1024 * 1024;

function newPool(): OpenPool {
  const pool = new OpenPool(testRing().threadKeys);
  onTestFinished(async () => await pool[Symbol.asyncDispose]());
  return pool;
}

function packed(chunks: readonly Buffer[]) {
  const [pack] = packsOf(chunks).packs;
  if (pack === undefined) throw new Error('no pack');
  let offset = 0;
  const items = pack.record.chunks.map((chunk) => {
    const item = { offset, chunk };
    offset += chunk.sealedLength;
    return item;
  });
  return { sealed: (): Uint8Array => new Uint8Array(pack.body.slice(0, pack.bodyLength)), items };
}

function bytesOf(opened: Uint8Array | undefined): Uint8Array {
  return opened ?? Buffer.alloc(0);
}

describe('OpenPool', () => {
  it('opens the first chunks here and more in threads, with the same result', async () => {
    const chunks = [noise(3 * mebibyte, 1), text(3 * mebibyte, 2), noise(100, 3)];
    const { sealed, items } = packed(chunks);
    const pool = newPool();
    const replies = await Promise.all(
      Array.from({ length: 8 }, async () => await pool.open(sealed(), items)),
    );
    for (const reply of replies) expect(digests(reply.map(bytesOf))).toEqual(digests(chunks));
  });

  it('leaves out damaged chunks, and opens their neighbours', async () => {
    const chunks = [noise(3 * mebibyte, 1), noise(3 * mebibyte, 2), noise(3 * mebibyte, 3)];
    const { sealed, items } = packed(chunks);
    const pool = newPool();
    for (let time = 0; time < 3; time += 1) {
      const bytes = sealed();
      bytes[4 * mebibyte] = (bytes[4 * mebibyte] ?? 0) ^ 1;
      const reply = await pool.open(bytes, items);
      expect(reply[1]).toBeUndefined();
      expect(digests([bytesOf(reply[0]), bytesOf(reply[2])])).toEqual(
        digests([noise(3 * mebibyte, 1), noise(3 * mebibyte, 3)]),
      );
    }
  });

  it('fails what waits when a thread dies, and starts another for what comes then', async () => {
    const { sealed, items } = packed([noise(4 * mebibyte, 1)]);
    const pool = newPool();
    for (let time = 0; time < 2; time += 1) await pool.open(sealed(), items);
    // A range beyond the bytes: a fault that nobody expects, which ends the thread.
    const fatal = pool.open(
      sealed(),
      items.map((item) => ({ ...item, offset: 5 * mebibyte })),
    );
    await expect(fatal).rejects.toMatchObject({ kind: 'failed' });
    expect(digests((await pool.open(sealed(), items)).map(bytesOf))).toEqual(
      digests([noise(4 * mebibyte, 1)]),
    );
  });
});
