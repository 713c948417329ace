import { describe, it } from 'vitest';
import { createS3Storage } from '../../main/storage/s3/open-s3-storage.ts';
import { parseS3Place } from '../../main/storage/s3/s3-place.ts';
import { withClock } from '../fakes/s3/behind.ts';
import { forwardTo } from '../fakes/s3/forward.ts';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import { collectsOverDays } from '../helpers/collect-days.ts';
import { quickS3 } from '../helpers/s3-storage.ts';
import { newSwiftLocation, swiftCredentials, swiftEndpoint } from '../services/swift/test-bucket.ts';

describe('trash and collecting on OpenStack Swift', () => {
  it('delete nothing too early, and keep what is needed, over days of its clock', async () => {
    let aheadMs = 0;
    const server = await startS3Server(withClock(forwardTo(swiftEndpoint()), () => aheadMs));
    const place = parseS3Place(await newSwiftLocation(server.endpoint));
    const storage = await createS3Storage(place, { ...quickS3, credentials: swiftCredentials });
    await collectsOverDays({ storage, shift: (ms) => (aheadMs = ms) });
  });
});
