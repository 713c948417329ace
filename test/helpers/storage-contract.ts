import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Settle } from '../../main/storage/s3/objects/new-objects.ts';
import type { Storage } from '../../main/storage/storage.ts';
import { namesIn } from './test-vault.ts';

/** Long enough for rivals of one process on a machine that is busy with other things. */
const amongRivals: Settle = { waitMs: 4000, slowMs: 60_000 };

/** What every storage does alike; `newStorage` gives a new, empty one, with the header of a vault. */
export function itKeepsTheContract(
  newStorage: (options?: Readonly<{ settle: Settle }>) => Promise<Storage>,
): void {
  it('keeps objects, whole or in ranges', async () => {
    const storage = await newStorage();
    await storage.put('packs/ab/one', [Buffer.from('01234'), Buffer.from('56789')]);
    await storage.put('marks/empty', []);
    expect(await storage.read('packs/ab/one', 10)).toEqual(Buffer.from('0123456789'));
    expect(await storage.readRange('packs/ab/one', 3, 4)).toEqual(Buffer.from('3456'));
    expect(await storage.read('marks/empty', 10)).toEqual(Buffer.alloc(0));
    expect(await storage.stat('packs/ab/one')).toMatchObject({ name: 'packs/ab/one', size: 10 });
    expect(await storage.stat('marks/empty')).toMatchObject({ size: 0 });
  });

  it('keeps objects of every size', async () => {
    const storage = await newStorage();
    for (const size of [1, 262_144, 262_145, 17 * 1024 * 1024]) {
      const bytes = randomBytes(size);
      await storage.put('packs/ab/sized', [bytes.subarray(0, 100), bytes.subarray(100)]);
      expect((await storage.read('packs/ab/sized', size)).equals(bytes)).toBe(true);
      const end = await storage.readRange('packs/ab/sized', Math.floor(size / 2), Math.ceil(size / 2));
      expect(end.equals(bytes.subarray(Math.floor(size / 2)))).toBe(true);
    }
  });

  it('replaces by put and leaves alone by putIfAbsent what is there', async () => {
    const storage = await newStorage();
    expect(await storage.putIfAbsent('locks/a', [Buffer.from('1')])).toBe(true);
    expect(await storage.putIfAbsent('locks/a', [Buffer.from('2')])).toBe(false);
    expect(String(await storage.read('locks/a', 10))).toBe('1');
    await storage.put('locks/a', [Buffer.from('3')]);
    expect(String(await storage.read('locks/a', 10))).toBe('3');
  });

  it('lets one of many through who put the same name where nothing is', async () => {
    const storage = await newStorage({ settle: amongRivals });
    const results = await Promise.all(
      Array.from({ length: 8 }, async (_item, at) => await storage.putIfAbsent('locks/a', [Buffer.of(at)])),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect((await storage.read('locks/a', 1))[0]).toBe(results.indexOf(true));
  });

  it('says what is missing, too large or too short', async () => {
    const storage = await newStorage();
    await storage.put('index/a', [Buffer.alloc(100)]);
    await expect(storage.read('index/b', 10)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(storage.readRange('index/b', 0, 10)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(storage.read('index/a', 99)).rejects.toMatchObject({ details: { tooLarge: true } });
    await expect(storage.readRange('index/a', 90, 11)).rejects.toMatchObject({ kind: 'damaged' });
    await expect(storage.readRange('index/a', 0, 2 ** 45)).rejects.toMatchObject({ kind: 'damaged' });
    await expect(storage.readRange('index/a', 200, 1)).rejects.toMatchObject({ kind: 'damaged' });
    expect(await storage.stat('index/b')).toBeUndefined();
  });

  it('deletes, and takes what is not there as deleted', async () => {
    const storage = await newStorage();
    await storage.put('index/a', [Buffer.alloc(1)]);
    await storage.delete('index/a');
    await storage.delete('index/a');
    expect(await storage.stat('index/a')).toBeUndefined();
    expect(await namesIn(storage, 'index/')).toEqual([]);
  });

  it('lists below a prefix', async () => {
    const storage = await newStorage();
    const names = Array.from({ length: 30 }, (_item, at) => `packs/${String(at % 3)}a/${String(at)}`);
    await Promise.all(names.map(async (name) => await storage.put(name, [Buffer.alloc(3)])));
    await storage.put('index/a', [Buffer.alloc(1)]);
    expect(await namesIn(storage, 'packs/')).toEqual(names.toSorted());
    expect(await namesIn(storage, 'packs/1a/')).toHaveLength(10);
    expect(await namesIn(storage, 'backups/')).toEqual([]);
    expect(await namesIn(storage, '')).toEqual([...names, 'index/a', 'vault.json'].toSorted());
  });

  it('does nothing when it is cancelled before', async () => {
    const storage = await newStorage();
    const cancelled = { signal: AbortSignal.abort() };
    await expect(storage.put('index/a', [Buffer.from('x')], cancelled)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await expect(storage.delete('vault.json', cancelled)).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await storage.stat('index/a')).toBeUndefined();
    expect(await storage.stat('vault.json')).toBeDefined();
  });

  it('has a clock by which its objects are dated', async () => {
    const storage = await newStorage();
    const before = await storage.now();
    await storage.put('index/a', [Buffer.from('x')]);
    const modified = (await storage.stat('index/a'))?.modifiedMs ?? 0;
    const after = await storage.now();
    // To the second, which some stores round up.
    expect(modified).toBeGreaterThanOrEqual(before - 1000);
    expect(modified).toBeLessThanOrEqual(after + 2000);
  });
}
