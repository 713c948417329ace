import { describe, expect, it } from 'vitest';
import { fakeS3 } from '../../../../helpers/s3-storage.ts';
import { namesIn } from '../../../../helpers/test-vault.ts';

const bytes = [Buffer.from('x')];

describe('a list that is one change behind', () => {
  it('shows what was written last, and not what was deleted last', async () => {
    const { storage } = await fakeS3({ listLag: 1 });
    await storage.put('index/a', bytes);
    await storage.put('index/b', bytes);
    expect(await namesIn(storage, 'index/')).toEqual(['index/a', 'index/b']);
    await storage.delete('index/a');
    expect(await namesIn(storage, 'index/')).toEqual(['index/b']);
  });

  it('does not show again what was found missing, as long as it is', async () => {
    const { storage, open } = await fakeS3({ listLag: 1 });
    const other = await open();
    await storage.put('index/a', bytes);
    await storage.put('index/b', bytes);
    await storage.delete('index/a');
    expect(await namesIn(other, 'index/')).toEqual(['index/a', 'index/b']);
    await expect(other.read('index/a', 10)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await namesIn(other, 'index/')).toEqual(['index/b']);
    await storage.put('index/a', bytes);
    expect(await namesIn(other, 'index/')).toEqual(['index/b']);
    await storage.put('index/c', bytes);
    expect(await namesIn(other, 'index/')).toEqual(['index/a', 'index/b']);
  });
});
