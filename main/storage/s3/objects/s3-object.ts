import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Attempt, Call } from '../line/s3-calls.ts';
import { codeOf, statusOf } from '../line/s3-error.ts';
import type { S3Parts } from '../line/s3-parts.ts';
import { sizeOf } from '../../object-bytes.ts';
import type { ObjectBytes } from './body.ts';

/** Rejects as passing when the object is not there in its whole size, whatever the service has answered. */
export async function assertStored(
  s3: S3Parts,
  { name, parts }: ObjectBytes,
  attempt: Attempt,
): Promise<void> {
  const stored = await headObject(s3, name, attempt);
  const size = sizeOf(parts);
  if (stored?.ContentLength === size) return;
  const found = stored === undefined ? 'is not there' : `has ${String(stored.ContentLength)} bytes`;
  throw new AppError(
    'failed',
    `${name} was written to ${s3.calls.place} with ${String(size)} bytes but ${found}. Test the storage with storage-test.`,
    { details: { isPassing: true } },
  );
}

/** What the service tells of an object; undefined where none is. */
export async function headObject(
  { connection: { sdk, client, bucket, keyPrefix } }: Pick<S3Parts, 'connection'>,
  name: string,
  { signal }: Attempt,
): Promise<HeadObjectCommandOutput | undefined> {
  try {
    const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: keyPrefix + name });
    return await client.send(command, { abortSignal: signal });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** One by one: many services refuse to delete several at once. */
export async function deleteObject({ connection, calls }: S3Parts, call: Call): Promise<void> {
  const { sdk, client, bucket, keyPrefix } = connection;
  await calls.again(call, async ({ signal }) => {
    try {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: keyPrefix + call.name });
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      if (statusOf(error) !== 404 || codeOf(error) === 'NoSuchBucket') throw error;
    }
  });
}
