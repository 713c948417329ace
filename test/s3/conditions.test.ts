import { describe, expect, it } from 'vitest';
import { createS3Storage, openS3Storage } from '../../main/storage/s3/open-s3-storage.ts';
import { connectS3 } from '../../main/storage/s3/line/s3-connection.ts';
import { parseS3Place } from '../../main/storage/s3/s3-place.ts';
import type { Storage } from '../../main/storage/storage.ts';
import { withConditions } from '../fakes/s3/behind.ts';
import type { S3Backend } from '../fakes/s3/exchange.ts';
import { forwardTo } from '../fakes/s3/forward.ts';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import { expectOneHolder } from '../helpers/contending-hosts.ts';
import { quickS3 } from '../helpers/s3-storage.ts';
import { newSwiftLocation, swiftCredentials, swiftEndpoint } from '../services/swift/test-bucket.ts';

/** Swift with conditional PUT in front of it, for one bucket. */
async function swiftWithConditions(location: string): Promise<S3Backend> {
  const { sdk, client, bucket } = await connectS3(parseS3Place(location), swiftCredentials);
  return withConditions(forwardTo(swiftEndpoint()), {
    exists: async (key) => {
      const found = await client.send(
        new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }),
      );
      return found.Contents?.[0]?.Key === key;
    },
    put: async (key, body) => {
      await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
  });
}

describe('two hosts at a vault on OpenStack Swift', () => {
  it.each(['with conditional PUT', 'as it is'])('never both hold the lock, %s', async (kind) => {
    const direct = await newSwiftLocation();
    const knowsConditions = kind === 'with conditional PUT';
    const backend = knowsConditions ? await swiftWithConditions(direct) : forwardTo(swiftEndpoint());
    const server = await startS3Server(backend);
    const place = parseS3Place(direct.replace(swiftEndpoint(), server.endpoint));
    const settle = { waitMs: 2000, slowMs: 1000 };
    const options = { ...quickS3, settle, credentials: swiftCredentials };
    await (await createS3Storage(place, options)).put('vault.json', [Buffer.from('header')]);
    const open = async (): Promise<Storage> => await openS3Storage(place, options);
    await expectOneHolder(open);
    const locks = server.requests.filter(
      ({ method, key }) => method === 'PUT' && key?.includes('/locks/') === true,
    );
    const conditional = locks.filter(({ headers }) => headers['if-none-match'] === '*');
    expect(conditional.length > 0).toBe(knowsConditions);
  });
});
