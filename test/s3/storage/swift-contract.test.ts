import { describe } from 'vitest';
import { createS3Storage, openS3Storage } from '../../../main/storage/s3/open-s3-storage.ts';
import { parseS3Place } from '../../../main/storage/s3/s3-place.ts';
import type { Storage } from '../../../main/storage/storage.ts';
import { quickS3 } from '../../helpers/s3-storage.ts';
import { itKeepsTheContract } from '../../helpers/storage-contract.ts';
import { newSwiftLocation, swiftCredentials } from '../../services/swift/test-bucket.ts';

describe('S3Storage on OpenStack Swift', () => {
  itKeepsTheContract(async (given): Promise<Storage> => {
    const place = parseS3Place(await newSwiftLocation());
    const options = { ...quickS3, ...given, credentials: swiftCredentials };
    const created = await createS3Storage(place, options);
    await created.put('vault.json', [Buffer.from('header')]);
    return await openS3Storage(place, options);
  });
});
