import { describe, it } from 'vitest';
import { collectsOverDays } from '../../helpers/collect-days.ts';
import { fakeS3Place } from '../../helpers/s3-storage.ts';

describe('trash and collecting on S3', () => {
  it.each([
    ['that is quick', {}],
    ['whose lists are behind', { listLag: 2 }],
    ['that knows no conditional PUT', { conditions: 'unknown' }],
  ] as const)('delete nothing too early, and keep what is needed, on a store %s', async (_, options) => {
    const place = await fakeS3Place(options);
    const storage = await place.create();
    const shift = (ms: number): void => void (place.store.options = { ...place.store.options, clockMs: ms });
    await collectsOverDays({ storage, shift });
  });
});
