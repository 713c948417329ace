import { describe, expect, it } from 'vitest';
import { createFaultyStorage } from '../../fakes/faulty-storage.ts';
import { MemoryStorage } from '../../fakes/memory-storage.ts';

const bytes = [Buffer.from('x')];

describe('createFaultyStorage', () => {
  it('fails the planned call once, as a folder would, and passes on the others', async () => {
    const inner = new MemoryStorage();
    const { storage, count } = createFaultyStorage(inner, { failAt: { call: 2, code: 'ENOSPC' } });
    await storage.put('index/a', bytes);
    await expect(storage.put('index/b', bytes)).rejects.toMatchObject({
      kind: 'failed',
      details: { code: 'ENOSPC' },
    });
    await storage.put('index/c', bytes);
    expect(inner.names()).toEqual(['index/a', 'index/c']);
    expect(count()).toBe(3);
  });

  it('counts only what changes something, when it is asked to', async () => {
    const { storage, count } = createFaultyStorage(new MemoryStorage(), {
      counts: 'mutating',
      failAt: { call: 2, code: 'EIO' },
    });
    await storage.put('index/a', bytes);
    await storage.stat('index/a');
    for await (const { name } of storage.list('index/')) expect(name).toBe('index/a');
    expect(count()).toBe(1);
    await expect(storage.delete('index/a')).rejects.toMatchObject({ details: { code: 'EIO' } });
  });
});
