import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { connectS3 } from '../../../main/storage/s3/line/s3-connection.ts';
import { parseS3Place } from '../../../main/storage/s3/s3-place.ts';
import { testers } from './configuration.ts';

export const swiftCredentials = testers.owner;

export function swiftEndpoint(): string {
  return inject('swiftEndpoint');
}

/** A new bucket on the shared Swift, as the location of a vault; `through` is another address of it (a proxy). */
export async function newSwiftLocation(through: string = swiftEndpoint()): Promise<string> {
  const bucket = `vault-${randomBytes(6).toString('hex')}`;
  await makeBucket(`s3://${bucket}?endpoint=${swiftEndpoint()}`);
  return `s3://${bucket}/trinity?endpoint=${through}`;
}

async function makeBucket(location: string): Promise<void> {
  const place = parseS3Place(location);
  const { sdk, client } = await connectS3(place, swiftCredentials);
  await client.send(new sdk.CreateBucketCommand({ Bucket: place.bucket }));
}
